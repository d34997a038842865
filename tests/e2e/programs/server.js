// PORT CERT KEY; in the language of node 0.8
var fs = require('fs'), tls = require('tls');

var options = {
	cert: fs.readFileSync(process.argv[3]),
	key: fs.readFileSync(process.argv[4]),
%OPTIONS%
};

function quiet() {}

var server = tls.createServer(options, function (socket) {
	socket.on('error', quiet);
	socket.once('data', function () {
		socket.end('HTTP/1.0 200 OK\r\n\r\nok\n');
	});
});
server.on('clientError', quiet);
server.on('tlsClientError', quiet);
process.on('uncaughtException', quiet); // old versions throw when a client hangs up
server.listen(+process.argv[2], '127.0.0.1');
