/** What the sessions of a row run, as a pool's properties. */
export interface Program {
  image: string;
  command: string[];
  args: string[];
  targetPort: number;
}

const PORT = 8080;

/** A real HTTP server that keeps connections open, in one line. */
export const HTTP_SERVER: Program = {
  image: "dynamic-sessions/base:latest",
  command: ["node"],
  args: ["-e", `require("node:http").createServer((req, res) => res.end("ok")).listen(${PORT})`],
  targetPort: PORT,
};

const SERVE_ONE_BY_ONE = `
my $server = IO::Socket::INET->new(LocalPort => ${PORT}, Listen => 64, ReuseAddr => 1) or die "$!";
while (my $client = $server->accept) {
  while (my $line = <$client>) { last if $line eq "\\r\\n"; }
  print $client "HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\nConnection: close\\r\\n\\r\\nok";
  close $client;
}`;

/** The least that speaks HTTP: up within milliseconds, so that a cold start shows everything around it. */
export const TRIVIAL_SERVER: Program = {
  image: "dynamic-sessions/base:latest",
  command: ["perl"],
  args: ["-MIO::Socket::INET", "-e", SERVE_ONE_BY_ONE],
  targetPort: PORT,
};
