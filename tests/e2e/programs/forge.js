// FOLDER PORT CERT KEY: TLS 1.0 by node-forge, which is JavaScript alone
var net = require('net'), fs = require('fs'), forge = require(process.argv[2]);
var cert = fs.readFileSync(process.argv[4], 'latin1'), key = fs.readFileSync(process.argv[5], 'latin1');

function serve(socket) {
	var tls = forge.tls.createConnection({
		server: true,
		getCertificate: function () { return [cert.slice(0, cert.indexOf('-----END') + 26)]; },
		getPrivateKey: function () { return key; },
		tlsDataReady: function (c) { socket.write(c.tlsData.getBytes(), 'latin1'); },
		dataReady: function () {},
		closed: function () { socket.end(); },
		error: function () { socket.end(); }
	});
	socket.on('data', function (d) { tls.process(d.toString('latin1')); });
	socket.on('error', function () {});
}

net.createServer(serve).listen(+process.argv[3], '127.0.0.1');
