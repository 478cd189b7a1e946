/**
 * What one request is answered with: /visits counts, /wait takes its time, /fill writes 200 MB and tells how far it
 * came, a POST is read for as long as it comes.
 */
const ANSWER = [
  "read -r method path _",
  "case $method$path in",
  "POST*) cat >/dev/null ;;",
  "GET/wait*) sleep 60 ;;",
  "GET/fill*) said=$(dd if=/dev/zero of=/filled bs=1M count=200 conv=fsync 2>&1) ;;",
  "GET/visits*) echo >>/tmp/visits ;;",
  "esac",
  '[ -n "$said" ] && body=$said || body=$(wc -l </tmp/visits)',
  'printf "HTTP/1.1 200 OK\\r\\nContent-Length: %s\\r\\nConnection: close\\r\\n\\r\\n%s" "$(printf %s "$body" | wc -c)" "$body"',
].join("\n");
/** Perl is part of every Debian image, the smallest included. */
const LISTENER = [
  "$SIG{CHLD} = 'IGNORE';",
  "my $server = IO::Socket::INET->new(LocalPort => 8080, Listen => 64, ReuseAddr => 1) or die;",
  "while (my $client = $server->accept) {",
  "  next if fork;",
  "  open STDIN, '<&', $client; open STDOUT, '>&', $client;",
  "  exec 'sh', '/tmp/answer';",
  "}",
].join(" ");
const PROGRAM = `: >/tmp/visits; cat >/tmp/answer <<'END'\n${ANSWER}\nEND\nexec perl -MIO::Socket::INET -e "${LISTENER.replaceAll("$", "\\$")}"`;

/** Command of a server on port 8080 that every Debian image can run. */
export const SMALLEST_SERVER = ["sh", "-c", PROGRAM];
