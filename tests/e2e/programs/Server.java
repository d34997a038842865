import java.io.FileInputStream;
import java.net.InetAddress;
import java.security.KeyStore;
import java.security.Security;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;

/** PORT KEYSTORE.p12 default|everything */
public class Server {
	public static void main(String[] args) throws Exception {
		boolean everything = args[2].equals("everything");
		if (everything) {
			Security.setProperty("jdk.tls.disabledAlgorithms", "");
			Security.setProperty("jdk.certpath.disabledAlgorithms", "");
			Security.setProperty("jdk.tls.legacyAlgorithms", "");
		}
		KeyStore store = KeyStore.getInstance("PKCS12");
		store.load(new FileInputStream(args[1]), "test".toCharArray());
		KeyManagerFactory keys = KeyManagerFactory.getInstance("SunX509");
		keys.init(store, "test".toCharArray());
		SSLContext context = SSLContext.getInstance("TLS");
		context.init(keys.getKeyManagers(), null, null);
		SSLServerSocket socket = (SSLServerSocket) context.getServerSocketFactory().createServerSocket(
			Integer.parseInt(args[0]), 500, InetAddress.getByName("127.0.0.1"));
		if (everything) {
			socket.setEnabledProtocols(socket.getSupportedProtocols());
			socket.setEnabledCipherSuites(socket.getSupportedCipherSuites());
		}
		System.out.println("# " + System.getProperty("java.version"));
		for (String name : socket.getEnabledCipherSuites())
			System.out.println(name);
		System.out.flush();
		while (true)
			serve((SSLSocket) socket.accept());
	}

	private static void serve(SSLSocket client) {
		Thread thread = new Thread(() -> {
			try (client) {
				client.setSoTimeout(20000);
				client.startHandshake();
				if (client.getInputStream().read() >= 0)
					client.getOutputStream().write("HTTP/1.0 200 OK\r\n\r\nok\n".getBytes("US-ASCII"));
			} catch (Exception e) {
				// a scanner hangs up in the middle: that is what it does
			}
		});
		thread.setDaemon(true);
		thread.start();
	}
}
