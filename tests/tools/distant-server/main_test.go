package main

import (
	"bufio"
	"net"
	"testing"
	"time"
)

// echo answers each line with itself.
func echo(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				lines := bufio.NewReader(conn)
				for {
					line, err := lines.ReadString('\n')
					if err != nil {
						return
					}
					if _, err := conn.Write([]byte(line)); err != nil {
						return
					}
				}
			}()
		}
	}()
	return listener.Addr().String()
}

func TestAnswersTakeARoundTripEachAndTwoQuestionsAtOnceTakeOne(t *testing.T) {
	const roundTrip = 80 * time.Millisecond
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	target := echo(t)
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go relay(conn, target, roundTrip)
		}
	}()
	conn, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	lines := bufio.NewReader(conn)
	ask := func(text string, answers int) time.Duration {
		began := time.Now()
		if _, err := conn.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
		for range answers {
			if _, err := lines.ReadString('\n'); err != nil {
				t.Fatal(err)
			}
		}
		return time.Since(began)
	}
	if first := ask("a\n", 1); first < 2*roundTrip {
		t.Errorf("connecting and one answer took %v", first)
	}
	if one := ask("b\n", 1); one < roundTrip {
		t.Errorf("one answer took %v", one)
	}
	if two := ask("c\nd\n", 2); two < roundTrip || two > 2*roundTrip {
		t.Errorf("two answers at once took %v", two)
	}
}
