/** Python that runs inside; the bundler puts its text in place of the import. */
declare module "*.py" {
  const source: string;
  export default source;
}
