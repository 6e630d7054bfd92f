// Api-proxy stands between a client and an API server, writes down what passes, holds back single
// requests, so that a test can kill one of the two at an exact point, and plays outages.
//
// It says on standard output, a line each:
//
//	ready KUBECONFIG      clients may start
//	held N METHOD PATH    the Nth write is held, see --hold; SIGUSR1 releases it
//
// and in the file of --log:
//
//	connection            a client has opened a TCP connection
//	request METHOD PATH   a request came in
//	write N METHOD PATH   it is a write, the Nth
//	answered METHOD PATH  a rule of --answers was used
//	broken METHOD PATH    the API server gave no answer, and the client got none
//	stage NAME            of an outage: SIGUSR2 leads from "up" through "overloaded" (429, 503 and 500
//	                      in turns), "silent" (no answers) and "gone" (nobody listens) to "up" again
//
// It runs until SIGTERM.
package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"math/big"
	mathrand "math/rand/v2"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"sync"
	"syscall"
	"time"
)

// answer replaces the server's reply to the requests it matches, `times` times (0: always).
type answer struct {
	Method, Path string // Path is a regular expression for all of it
	Times        int
	Code         int
	Header       map[string]string // added; with Code 0 the server's own reply gets them
	Body         json.RawMessage   // a string is sent as plain text
	Latin1       bool              // a body that is a string, and headers, go out in Latin-1, not UTF-8

	path *regexp.Regexp
}

func (a *answer) encoded(text string) string {
	if !a.Latin1 {
		return text
	}
	bytes := make([]byte, 0, len(text))
	for _, r := range text {
		bytes = append(bytes, byte(r))
	}
	return string(bytes)
}

type proxy struct {
	next      *httputil.ReverseProxy
	hold      int  // number of the write to hold, 0 for none
	holdReply bool // hold it after the server has answered, not before it is sent
	released  chan struct{}
	log       *log.Logger

	certificate tls.Certificate
	address     string // where clients come to, outages included
	server      *http.Server

	mutex   sync.Mutex
	writes  int
	answers []*answer
	used    map[*answer]int
	stage   int           // index of stages
	ended   chan struct{} // closed at the end of this stage
	refused int           // requests that were answered in the server's place while overloaded
}

// stages of an outage, as a balancer in front of an API server goes through them.
var stages = []string{"up", "overloaded", "silent", "gone"}

func main() {
	log.SetFlags(0)
	log.SetPrefix("api-proxy: ")
	kubeconfig := flag.String("kubeconfig", "", "`file` that names the API server and an administrator")
	out := flag.String("out", "", "`file` for the kubeconfig that clients shall use")
	token := flag.String("token", "", "bearer token in the clients' kubeconfig; never passed on")
	hold := flag.Int("hold", 0, "hold the `N`th write")
	holdReply := flag.Bool("hold-reply", false, "hold it after the server has done it, not before")
	logFile := flag.String("log", os.DevNull, "`file` for a line about each request")
	certFile := flag.String("cert", "", "`file` with the certificate to serve with; without it one is made")
	keyFile := flag.String("key", "", "`file` with its key")
	caFile := flag.String("ca", "", "`file` with what clients shall trust, when --cert is given")
	answers := flag.String("answers", "", "`file` with a JSON list of replies to give in the server's place")
	flag.Parse()
	if *kubeconfig == "" || *out == "" || flag.NArg() > 0 || (*certFile == "") != (*keyFile == "") || (*certFile == "") != (*caFile == "") {
		flag.Usage()
		os.Exit(2)
	}
	logTo, err := os.Create(*logFile)
	if err != nil {
		log.Fatal(err)
	}
	p := &proxy{
		hold: *hold, holdReply: *holdReply, released: make(chan struct{}),
		log: log.New(logTo, "", 0), used: map[*answer]int{}, ended: make(chan struct{}),
	}
	if err := p.readAnswers(*answers); err != nil {
		log.Fatal(err)
	}
	var caPEM []byte
	if p.certificate, caPEM, err = identity(*certFile, *keyFile, *caFile); err != nil {
		log.Fatal(err)
	}
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, syscall.SIGUSR1, syscall.SIGUSR2)
	if err := p.serve(*kubeconfig, *out, *token, caPEM); err != nil {
		log.Fatal(err)
	}
	for s := range signals { // until SIGTERM
		if s == syscall.SIGUSR1 {
			close(p.released)
		} else if err := p.nextStage(); err != nil {
			log.Fatal(err)
		}
	}
}

func (p *proxy) readAnswers(path string) error {
	if path == "" {
		return nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, &p.answers); err != nil {
		return err
	}
	for _, a := range p.answers {
		if a.path, err = regexp.Compile("^(?:" + a.Path + ")$"); err != nil {
			return err
		}
	}
	return nil
}

func (p *proxy) serve(kubeconfig, out, token string, caPEM []byte) error {
	target, transport, err := upstream(kubeconfig)
	if err != nil {
		return err
	}
	p.next = &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			r.Out.Header.Del("Authorization")
		},
		Transport:      transport,
		FlushInterval:  -1, // watches
		ModifyResponse: p.changeReply,
		ErrorLog:       log.New(io.Discard, "", 0),
		// As if nobody stood between: a server that is gone breaks the connection.
		ErrorHandler: func(_ http.ResponseWriter, r *http.Request, _ error) {
			p.log.Println("broken", r.Method, r.URL.Path)
			panic(http.ErrAbortHandler)
		},
	}
	listener, err := listen()
	if err != nil {
		return err
	}
	p.address = listener.Addr().String()
	text := fmt.Sprintf(`apiVersion: v1
kind: Config
current-context: api-proxy
clusters:
- name: api-proxy
  cluster:
    server: https://%s
    certificate-authority-data: %s
contexts:
- name: api-proxy
  context: {cluster: api-proxy, user: api-proxy}
users:
- name: api-proxy
  user: {token: %q}
`, p.address, base64.StdEncoding.EncodeToString(caPEM), token)
	if err := os.WriteFile(out, []byte(text), 0o600); err != nil {
		return err
	}
	p.serveOn(listener)
	fmt.Println("ready", out)
	return nil
}

// listen picks a port between those of test clusters and those that the kernel gives to outgoing
// connections, so that it is still free after an outage.
func listen() (net.Listener, error) {
	for tries := 0; ; tries++ {
		listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", 30000+mathrand.IntN(2700)))
		if err == nil || tries > 1000 {
			return listener, err
		}
	}
}

func (p *proxy) serveOn(listener net.Listener) {
	server := &http.Server{
		Handler:   p,
		TLSConfig: &tls.Config{Certificates: []tls.Certificate{p.certificate}},
		ErrorLog:  log.New(io.Discard, "", 0),
		ConnState: func(_ net.Conn, state http.ConnState) {
			if state == http.StateNew {
				p.log.Println("connection")
			}
		},
	}
	p.server = server
	go func() {
		if err := server.ServeTLS(listener, "", ""); !errors.Is(err, http.ErrServerClosed) {
			log.Fatal(err)
		}
	}()
}

// nextStage ends all connections, as each change of a server does.
func (p *proxy) nextStage() error {
	if err := p.server.Close(); err != nil && stages[p.stage] != "gone" {
		return err
	}
	p.mutex.Lock()
	p.stage = (p.stage + 1) % len(stages)
	stage := stages[p.stage]
	close(p.ended)
	p.ended = make(chan struct{})
	p.mutex.Unlock()
	if stage != "gone" {
		listener, err := net.Listen("tcp", p.address)
		if err != nil {
			return err
		}
		p.serveOn(listener)
	}
	p.log.Println("stage", stage)
	return nil
}

// isRefused handles a request that comes during an outage.
func (p *proxy) isRefused(w http.ResponseWriter, r *http.Request) bool {
	p.mutex.Lock()
	stage, ended, n := stages[p.stage], p.ended, p.refused
	if stage == "overloaded" {
		p.refused++
	}
	p.mutex.Unlock()
	switch stage {
	case "up":
		return false
	case "overloaded":
		codes := []int{http.StatusTooManyRequests, http.StatusServiceUnavailable, http.StatusInternalServerError}
		code := codes[n%len(codes)]
		http.Error(w, http.StatusText(code), code)
		return true
	}
	select {
	case <-ended:
	case <-r.Context().Done():
	}
	panic(http.ErrAbortHandler)
}

func (p *proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.log.Println("request", r.Method, r.URL.Path)
	if p.isRefused(w, r) {
		return
	}
	if a := p.answerFor(r, true); a != nil {
		p.log.Println("answered", r.Method, r.URL.Path)
		_, _ = io.Copy(io.Discard, r.Body)
		body, contentType := []byte(a.Body), "application/json"
		if text := ""; json.Unmarshal(a.Body, &text) == nil {
			body, contentType = []byte(a.encoded(text)), "text/plain"
		}
		w.Header().Set("Content-Type", contentType)
		for name, value := range a.Header {
			w.Header().Set(name, a.encoded(value))
		}
		w.WriteHeader(a.Code)
		_, _ = w.Write(body) // a client that is gone needs no answer
		return
	}
	if p.isHeld(r) {
		if p.holdReply {
			r = r.WithContext(context.WithValue(r.Context(), heldKey{}, true))
		} else {
			p.wait(r)
		}
	}
	p.next.ServeHTTP(w, r)
}

func (p *proxy) changeReply(reply *http.Response) error {
	if a := p.answerFor(reply.Request, false); a != nil {
		p.log.Println("answered", reply.Request.Method, reply.Request.URL.Path)
		for name, value := range a.Header {
			reply.Header.Add(name, a.encoded(value))
		}
	}
	if p.holdReply && reply.Request.Context().Value(heldKey{}) != nil {
		p.wait(reply.Request)
	}
	return nil
}

// answerFor finds a rule that replaces the reply, or one that only adds headers to it.
func (p *proxy) answerFor(r *http.Request, replaces bool) *answer {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	for _, a := range p.answers {
		if replaces == (a.Code != 0) && a.Method == r.Method && a.path.MatchString(r.URL.Path) && (a.Times == 0 || p.used[a] < a.Times) {
			p.used[a]++
			return a
		}
	}
	return nil
}

type heldKey struct{}

// isHeld counts writes. Dry runs change nothing and don't count.
func (p *proxy) isHeld(r *http.Request) bool {
	if r.Method == http.MethodGet || r.URL.Query().Has("dryRun") {
		return false
	}
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.writes++
	p.log.Println("write", p.writes, r.Method, r.URL.Path)
	return p.writes == p.hold
}

func (p *proxy) wait(r *http.Request) {
	fmt.Println("held", p.hold, r.Method, r.URL.Path)
	<-p.released
}

// upstream reads where the API server is, and an administrator's certificate.
func upstream(kubeconfig string) (*url.URL, *http.Transport, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, nil, err
	}
	self, err = filepath.EvalSymlinks(self)
	if err != nil {
		return nil, nil, err
	}
	kubectl := filepath.Join(filepath.Dir(self), "..", "bin", "kubectl")
	text, err := exec.Command(kubectl, "--kubeconfig="+kubeconfig, "config", "view",
		"--raw", "--minify", "--flatten", "--output=json").Output()
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", kubectl, err)
	}
	var config struct {
		Clusters []struct {
			Cluster struct {
				Server string
				CA     []byte `json:"certificate-authority-data"`
			}
		}
		Users []struct {
			User struct {
				Certificate []byte `json:"client-certificate-data"`
				Key         []byte `json:"client-key-data"`
			}
		}
	}
	if err := json.Unmarshal(text, &config); err != nil {
		return nil, nil, err
	}
	if len(config.Clusters) != 1 || len(config.Users) != 1 {
		return nil, nil, fmt.Errorf("%s: no current context", kubeconfig)
	}
	target, err := url.Parse(config.Clusters[0].Cluster.Server)
	if err != nil {
		return nil, nil, err
	}
	user := config.Users[0].User
	certificate, err := tls.X509KeyPair(user.Certificate, user.Key)
	if err != nil {
		return nil, nil, err
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(config.Clusters[0].Cluster.CA)
	return target, &http.Transport{
		ForceAttemptHTTP2: true,
		TLSClientConfig:   &tls.Config{RootCAs: roots, Certificates: []tls.Certificate{certificate}},
	}, nil
}

// identity reads the certificate to serve with and what clients shall trust.
func identity(certFile, keyFile, caFile string) (tls.Certificate, []byte, error) {
	if certFile == "" {
		return selfSigned()
	}
	certificate, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err != nil {
		return tls.Certificate{}, nil, err
	}
	caPEM, err := os.ReadFile(caFile)
	return certificate, caPEM, err
}

func selfSigned() (tls.Certificate, []byte, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, nil, err
	}
	template := &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		Subject:               pkix.Name{CommonName: "api-proxy"},
		NotBefore:             time.Now().Add(-time.Hour),
		NotAfter:              time.Now().Add(24 * time.Hour),
		IPAddresses:           []net.IP{net.IPv4(127, 0, 0, 1)},
		KeyUsage:              x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		IsCA:                  true,
		BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return tls.Certificate{}, nil, err
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key},
		pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), nil
}
