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
	if _, err := client.Read(make([]byte, 1024)); err == nil {
		fmt.Fprint(client, "HTTP/1.0 200 OK\r\n\r\nok\n")
	}
}

// What is on, by code and version.
func tell() {
	for _, s := range append(tls.CipherSuites(), tls.InsecureCipherSuites()...) {
		for _, v := range s.SupportedVersions {
			fmt.Printf("%04x %04x %s\n", v, s.ID, s.Name)
		}
	}
}

func main() {
	c := config(os.Args[4] == "everything")
	listener, err := tls.Listen("tcp", os.Args[1], c)
	if err != nil {
		panic(err)
	}
	fmt.Println("#", runtime.Version())
	tell()
	for {
		client, err := listener.Accept()
		if err == nil {
			go serve(client)
		}
	}
}
