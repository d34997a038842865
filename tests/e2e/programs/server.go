// ADDRESS CERT KEY default|everything
package main

import (
	"crypto/tls"
	"fmt"
	"net"
	"os"
	"runtime"
	"time"
)

func config(everything bool) *tls.Config {
	pair, err := tls.LoadX509KeyPair(os.Args[2], os.Args[3])
	if err != nil {
		panic(err)
	}
	c := &tls.Config{Certificates: []tls.Certificate{pair}}
	if !everything {
		return c
	}
	c.MinVersion = tls.VersionTLS10
	for _, s := range append(tls.CipherSuites(), tls.InsecureCipherSuites()...) {
		c.CipherSuites = append(c.CipherSuites, s.ID)
	}
	return c
}

func serve(client net.Conn) {
	defer client.Close()
	client.SetDeadline(time.Now().Add(20 * time.Second))
	client.(*tls.Conn).Handshake()
}

func main() {
	listener, err := tls.Listen("tcp", os.Args[1], config(os.Args[4] == "everything"))
	if err != nil {
		panic(err)
	}
	fmt.Println("#", runtime.Version())
	for {
		client, err := listener.Accept()
		if err == nil {
			go serve(client)
		}
	}
}
