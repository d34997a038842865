"""PORT CERT KEY STATEMENTS: TLS by Python's ssl; the statements shape `context`."""
import socketserver
import ssl
import sys

context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[2], sys.argv[3])
exec(open(sys.argv[4]).read())


class Handler(socketserver.BaseRequestHandler):
    def handle(self):
        self.request.settimeout(20)
        try:
            context.wrap_socket(self.request, server_side=True).close()
        except OSError:
            pass


class Server(socketserver.ThreadingTCPServer):
    request_queue_size = 200
    daemon_threads = True


Server(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
