// Distant-server relays TCP connections to a server and makes it as far away as --round-trip says:
// each byte arrives half of that later, in either direction, and a connection takes a whole one to be
// made. What is under way at the same time is late at the same time, as on a real line: only what
// waits for an answer adds up. TLS passes through untouched.
//
// It says "ready HOST:PORT" on standard output and runs until SIGTERM.
package main

import (
	"errors"
	"flag"
	"fmt"
	"log"
	"net"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// chunk is what has been read at one time, and when it arrives.
type chunk struct {
	due  time.Time
	data []byte
}

// How many chunks may be under way in one direction.
const window = 1 << 12

// closeWrite ends the direction towards conn, as its peer did.
func closeWrite(conn net.Conn) {
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.CloseWrite()
	}
}

// carry takes what comes from one side to the other, each part after the delay.
func carry(from, to net.Conn, delay time.Duration) {
	under := make(chan chunk, window)
	go func() {
		defer close(under)
		for {
			buffer := make([]byte, 32<<10)
			n, err := from.Read(buffer)
			if n > 0 {
				under <- chunk{time.Now().Add(delay), buffer[:n]}
			}
			if err != nil {
				return
			}
		}
	}()
	for part := range under {
		time.Sleep(time.Until(part.due))
		if _, err := to.Write(part.data); err != nil {
			// Nobody takes it: the reader above ends with its connection.
			_ = from.Close()
			for range under {
			}
			return
		}
	}
	closeWrite(to)
}

func relay(client net.Conn, target string, roundTrip time.Duration) {
	defer client.Close()
	time.Sleep(roundTrip) // SYN and its answer, which the kernel has given at once.
	server, err := net.Dial("tcp", target)
	if err != nil {
		log.Printf("%s: %v", target, err)
		return
	}
	defer server.Close()
	done := make(chan struct{})
	go func() {
		carry(client, server, roundTrip/2)
		close(done)
	}()
	carry(server, client, roundTrip/2)
	<-done
}

func run() error {
	target := flag.String("to", "", "HOST:PORT of the server")
	roundTrip := flag.Duration("round-trip", 50*time.Millisecond, "how far away it is")
	flag.Parse()
	if *target == "" || flag.NArg() > 0 {
		return errors.New("usage: distant-server --to HOST:PORT [--round-trip 50ms]")
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Printf("ready %s\n", listener.Addr())
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM, syscall.SIGINT)
	go func() {
		<-stop
		_ = listener.Close()
	}()
	for {
		client, err := listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return nil
		}
		if err != nil {
			return err
		}
		go relay(client, *target, *roundTrip)
	}
}

func main() {
	log.SetFlags(0)
	log.SetPrefix("distant-server: ")
	if err := run(); err != nil {
		log.Print(err)
		os.Exit(1)
	}
}
