# Clients list the installed packages with pkg_resources and read stderr as part of the list (AutoGen does),
# so its deprecation warning must not be there. Run by IPython in the user's namespace: leaves no name behind.
__import__("warnings").filterwarnings("ignore", message="pkg_resources is deprecated")
