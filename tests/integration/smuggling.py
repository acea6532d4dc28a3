"""Hostile requests as raw bytes: what must be refused, and what may be taken if it is understood in one way only."""
LINE = b"GET /health/liveness HTTP/1.1\r\n"
GET = LINE + b"Host: a\r\n"
LAST = GET + b"Connection: close\r\n"
POST = b"POST /health/liveness HTTP/1.1\r\nHost: a\r\n"
HIDDEN = b"GET /openapi.json HTTP/1.1\r\nHost: a\r\nX-Request-ID: smuggled\r\n\r\n"


def length_of(text):
    return POST + b"Content-Length: " + text + b"\r\n\r\n" + HIDDEN


def coding(lines):
    return POST + lines + b"\r\n\r\n0\r\n\r\n" + HIDDEN


def chunk(size_line, data=b"hello\r\n0\r\n\r\n"):
    return POST + b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n" + size_line + data + HIDDEN


def path(target):
    return b"GET " + target + b" HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"


# name: (bytes, statuses that are right); the connection is closed after each
REFUSED = {
    # the length of the body
    "CL and TE": (coding(b"Content-Length: 6\r\nTransfer-Encoding: chunked"), {400}),
    "TE and CL": (coding(b"Transfer-Encoding: chunked\r\nContent-Length: 6"), {400}),
    "CL 0 and TE": (coding(b"Content-Length: 0\r\nTransfer-Encoding: chunked"), {400}),
    "two CLs that differ": (POST + b"Content-Length: 0\r\nContent-Length: %d\r\n\r\n" % len(HIDDEN) + HIDDEN, {400}),
    "two CLs that agree": (POST + b"Content-Length: 0\r\ncontent-length: 0\r\n\r\n" + HIDDEN, {400}),
    "CL list": (length_of(b"0, 0"), {400}),
    "CL list that differs": (length_of(b"0, 5"), {400}),
    "CL +N": (length_of(b"+0"), {400}),
    "CL -N": (length_of(b"-1"), {400}),
    "CL Nx": (length_of(b"0x"), {400}),
    "CL in hex": (length_of(b"0x10"), {400}),
    "CL with a space inside": (length_of(b"0 0"), {400}),
    "CL empty": (length_of(b""), {400}),
    "CL fraction": (length_of(b"0.0"), {400}),
    "CL exponent": (length_of(b"1e1"), {400}),
    "CL in quotes": (length_of(b'"0"'), {400}),
    "CL beyond 64 bits": (length_of(b"18446744073709551616"), {400, 413}),
    "CL with an underscore": (length_of(b"1_0"), {400}),
    "CL in other digits": (length_of("\u0660".encode()), {400}),
    "CL with NUL": (length_of(b"0\0" b"5"), {400}),
    "CL with a space before the colon": (POST + b"Content-Length : 0\r\n\r\n" + HIDDEN, {400}),
    # the transfer coding
    "TE twice": (coding(b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"), {400}),
    "TE twice, one of them identity": (coding(b"Transfer-Encoding: identity\r\nTransfer-Encoding: chunked"), {400}),
    "TE twice in different case": (coding(b"Transfer-Encoding: chunked\r\ntransfer-encoding: CHUNKED"), {400}),
    "TE list": (coding(b"Transfer-Encoding: chunked, chunked"), {400, 501}),
    "TE with a comma before it": (coding(b"Transfer-Encoding: ,chunked"), {400, 501}),
    "TE with a comma behind it": (coding(b"Transfer-Encoding: chunked,"), {400, 501}),
    "TE over two fields": (coding(b"Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked"), {400, 501}),
    "TE behind a no-break space": (coding(b"Transfer-Encoding: \xa0chunked"), {400, 501}),
    "TE behind a form feed": (coding(b"Transfer-Encoding: \x0cchunked"), {400}),
    "TE not final": (coding(b"Transfer-Encoding: chunked, gzip"), {400, 501}),
    "TE before chunked": (coding(b"Transfer-Encoding: gzip, chunked"), {400, 501}),
    "TE identity": (coding(b"Transfer-Encoding: identity"), {400, 501}),
    "TE unknown": (coding(b"Transfer-Encoding: xchunked"), {400, 501}),
    "TE with a parameter": (coding(b"Transfer-Encoding: chunked;q=1"), {400, 501}),
    "TE in quotes": (coding(b'Transfer-Encoding: "chunked"'), {400, 501}),
    "TE empty": (coding(b"Transfer-Encoding:"), {400, 501}),
    "TE behind a vertical tab": (coding(b"Transfer-Encoding: \x0bchunked"), {400}),
    "TE with a NUL": (coding(b"Transfer-Encoding: chunked\0"), {400}),
    "TE with a space before the colon": (coding(b"Transfer-Encoding : chunked"), {400}),
    "TE on a folded line": (coding(b"Transfer-Encoding:\r\n chunked"), {400}),
    "TE behind a fold": (coding(b"X-A: b\r\n Transfer-Encoding: chunked"), {400}),
    "TE behind a bare CR": (coding(b"X-A: b\rTransfer-Encoding: chunked"), {400}),
    "TE with HTTP/1.0": (coding(b"Transfer-Encoding: chunked").replace(b"HTTP/1.1", b"HTTP/1.0", 1), {400}),
    # the header block
    "a folded field": (GET + b"X-A: one\r\n two\r\n\r\n", {400}),
    "a field folded with a tab": (GET + b"X-A: one\r\n\ttwo\r\n\r\n", {400}),
    "a fold before the first field": (LINE + b" X-A: b\r\nHost: a\r\n\r\n", {400}),
    "a line that begins with a colon": (GET + b": x\r\n" + HIDDEN, {400}),
    "a colon alone, ended with LF": (GET + b":\n" + HIDDEN, {400}),
    "a line ended with LF, then a colon alone": (GET[:-2] + b"\n:\r\n" + HIDDEN, {400}),
    "a line that begins with NUL": (GET + b"\0\r\n" + HIDDEN, {400}),
    "a line ended with LF, then NUL": (GET[:-2] + b"\n\0\r\n" + HIDDEN, {400}),
    "NUL instead of CR": (GET + b"X-A: b\0\n\r\n", {400}),
    "NUL in the room of a blank": (GET + b"X-A:b\0\r\n\r\n", {400}),
    "NUL in the room of a CR": (LINE + b"Host: a\nX-A: b\0\r\n\r\n", {400}),
    "lines ended with LF": (LAST.replace(b"\r\n", b"\n") + b"\n", {400}),
    "an end of the block with LF": (GET + b"\n", {400}),
    "NUL in front of the request": (b"\0\r\n" + GET + b"\r\n", {400}),
    "a line without a colon": (GET + b"nothing\r\n\r\n", {400}),
    "a space before the colon": (GET + b"X-A : b\r\n\r\n", {400}),
    "a tab before the colon": (GET + b"X-A\t: b\r\n\r\n", {400}),
    "a space in a name": (GET + b"X A: b\r\n\r\n", {400}),
    "a byte above 127 in a name": (GET + b"X-\xff: b\r\n\r\n", {400}),
    "NUL in a name": (GET + b"X\0A: b\r\n\r\n", {400}),
    "NUL in a value": (GET + b"X-A: b\0c\r\n\r\n", {400}),
    "a bare CR in a value": (GET + b"X-A: b\rc\r\n\r\n", {400}),
    "a control character in a value": (GET + b"X-A: b\x01c\r\n\r\n", {400}),
    "DEL in a value": (GET + b"X-A: b\x7f\r\n\r\n", {400}),
    "no Host": (LINE + b"\r\n", {400}),
    "two Hosts": (GET + b"Host: b\r\n\r\n", {400}),
    "two equal Hosts": (GET + b"host: a\r\n\r\n", {400}),
    "a Host with a path": (LINE + b"Host: a/b\r\n\r\n", {400}),
    "a Host with a user": (LINE + b"Host: a@b\r\n\r\n", {400}),
    "an empty Host": (LINE + b"Host:\r\n\r\n", {400}),
    "a header block of 20 kB": (GET + b"Cookie: " + b"x" * 20000 + b"\r\n\r\n", {431}),
    "300 fields": (GET + b"".join(b"X-%03d: 0123456789012345678901234567890123456789\r\n" % n for n in range(300))
                   + b"\r\n", {431}),
    # the request line
    "a target of 30 kB": (path(b"/" + b"x" * 30000), {414}),
    "a method with a control character": (b"G\x01T" + GET[3:] + b"\r\n", {400}),
    "a space in the target": (path(b"/health /liveness"), {400}),
    "two spaces in the request line": (b"GET  /health/liveness HTTP/1.1\r\nHost:a\r\n\r\n", {400}),
    "NUL in the target": (path(b"/health\0/liveness"), {400}),
    "a byte above 127 in the target": (path(b"/h\xc3\xa4"), {400}),
    "a target without a slash": (path(b"health"), {400}),
    "* with GET": (path(b"*"), {400}),
    "CONNECT": (b"CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n", {400, 501}),
    "HTTP/1.2": (LAST.replace(b"1.1", b"1.2") + b"\r\n", {400, 505}),
    "HTTP/2.0": (LAST.replace(b"1.1", b"2.0") + b"\r\n", {400, 505}),
    "a version in lower case": (LAST.replace(b"HTTP", b"http") + b"\r\n", {400, 505}),
    "words behind the version": (LAST.replace(b"1.1", b"1.1 x") + b"\r\n", {400, 505}),
    "no version": (b"GET /health/liveness\r\n\r\n", {400, 505}),
    # the path
    "%00": (path(b"/health%00/liveness"), {400}),
    "..%2f": (path(b"/status/..%2fhealth"), {400}),
    "%2e%2e": (path(b"/status/%2e%2e/health"), {400}),
    "..": (path(b"/status/../health"), {400}),
    "%5c": (path(b"/status/..%5chealth"), {400}),
    "a double slash": (path(b"//health"), {400}),
    "an escape that is none": (path(b"/health%zz"), {400}),
    "an overlong slash": (path(b"/health%c0%afliveness"), {400}),
    # chunks
    "a chunk of +5": (chunk(b"+5\r\n"), {400}),
    "a chunk of -5": (chunk(b"-5\r\n"), {400}),
    "a chunk of 0x5": (chunk(b"0x5\r\n"), {400}),
    "a chunk without a size": (chunk(b"\r\n"), {400}),
    "a chunk of no number": (chunk(b"x\r\n"), {400}),
    "a chunk beyond 64 bits": (chunk(b"10000000000000005\r\n"), {400, 413}),
    "a chunk longer than its size": (chunk(b"3\r\n"), {400}),
    "a chunk shorter than its size": (chunk(b"7\r\n"), {400}),
    "a chunk of 1_0": (chunk(b"1_0\r\n"), {400}),
    "a chunk behind a space": (chunk(b" 5\r\n"), {400}),
    "a chunk size ended with LF": (chunk(b"5\n"), {400}),
    "chunk data ended with LF": (chunk(b"5\r\n", b"hello\n0\r\n\r\n"), {400}),
    "a last chunk ended with LF": (chunk(b"5\r\n", b"hello\r\n0\n\r\n"), {400}),
    "an extension ended with LF": (chunk(b"5;a\n"), {400}),
    "a trailer that is folded": (chunk(b"5\r\n", b"hello\r\n0\r\nX-A: b\r\n c\r\n\r\n"), {400}),
    "a trailer without a colon": (chunk(b"5\r\n", b"hello\r\n0\r\nnothing\r\n\r\n"), {400}),
}

# what may be accepted, if it is understood in one way only
TAKEN = {
    "TE in upper case": (POST + b"Transfer-Encoding: CHUNKED\r\nConnection: close\r\n\r\n%x\r\n" % len(HIDDEN) + HIDDEN
                         + b"\r\n0\r\n\r\n", {405}),
    "a request in a body": (POST + b"Connection: close\r\nContent-Length: %d\r\n\r\n" % len(HIDDEN) + HIDDEN, {405}),
    "a request in a body of a GET": (LAST + b"Content-Length: %d\r\n\r\n" % len(HIDDEN) + HIDDEN, {413}),
    "a trailer": (POST + b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n0\r\nContent-Length: 5\r\n"
                  b"X-Request-ID: smuggled\r\n\r\n", {405}),
    "an extension of a chunk": (chunk(b"5;a=b\r\n"), {400, 405}),
    "a name with an underscore": (POST + b"Content_Length: 5\r\nTransfer_Encoding: chunked\r\nContent-Length: 0\r\n"
                                  b"Connection: close\r\n\r\n" + HIDDEN, {405}),
    "parameters of a path segment": (path(b"/health/liveness;a=b"), {404}),
    "the absolute form with another Host": (LAST.replace(b" /", b" http://b/", 1) + b"\r\n", {200}),
    "bytes behind the last request": (LAST + b"\r\n" + HIDDEN, {200}),
    "blanks around values": (LINE + b"Host:\t  a\r\nX-A:  \t b \t \r\nX-B:c\r\nX-C: \t \r\nConnection:  close\r\n\r\n", {200}),
    "HTTP/1.0": (LAST.replace(b"1.1", b"1.0") + b"\r\n", {200}),
    "an upgrade that is not offered": (LAST + b"Upgrade: h2c\r\n\r\n", {200}),
}
