// Testcluster runs a Kubernetes control plane on 127.0.0.1 for as long as it runs itself. There
// are no containers: kwok plays the kubelet, so pods have a life cycle but no processes.
package main

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"embed"
	"encoding/base64"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

//go:embed stages/*.yaml
var defaultStages embed.FS

// The default limits on requests would make a hundred objects take most of a minute.
const qps, burst = "--kube-api-qps=500", "--kube-api-burst=1000"

// errStopped means that we were asked to end.
var errStopped = errors.New("stopped")

type options struct {
	dir, bin, channel string
	standin, rbac     bool
	stdinWatch        bool
	stages            []string
}

type cluster struct {
	options
	bins      []string
	processes map[string]*process
	exits     chan *process
	signals   chan os.Signal
	eof       chan struct{}
	ports     struct{ etcd, etcdPeer, api, manager, scheduler, kwok string }
	url       string
	http      *http.Client
}

func init() {
	// See (*cluster).start for why.
	runtime.LockOSThread()
}

func main() {
	var o options
	flag.StringVar(&o.dir, "dir", "", "folder of the cluster's files; created, and emptied of an earlier cluster's")
	flag.StringVar(&o.bin, "bin", "", "folder of the programs (default: this program's, or ../bin from there)")
	flag.BoolVar(&o.standin, "standin", false, "run the operator stand-in, too")
	flag.StringVar(&o.channel, "channel", "", "release channel `file` of the stand-in")
	flag.BoolVar(&o.rbac, "standin-rbac", false, "let the stand-in act with the rights of the operator's ServiceAccount")
	flag.BoolVar(&o.stdinWatch, "stdin-watch", false, "end when standard input does")
	flag.Func("kwok-stages", "further `file` of kwok stages (repeatable)", func(path string) error {
		o.stages = append(o.stages, path)
		return nil
	})
	flag.Parse()
	if o.dir == "" || flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	c := &cluster{
		options:   o,
		processes: map[string]*process{},
		exits:     make(chan *process, 64), // never blocks: nobody reads it while we stop children
		signals:   make(chan os.Signal, 4),
		eof:       make(chan struct{}),
	}
	signal.Notify(c.signals, syscall.SIGTERM, syscall.SIGINT, syscall.SIGUSR1, syscall.SIGUSR2)
	if o.stdinWatch {
		go func() {
			_, _ = io.Copy(io.Discard, os.Stdin) // an error ends the input as well
			close(c.eof)
		}()
	}
	err := c.run()
	c.stopAll()
	if !errors.Is(err, errStopped) {
		fmt.Fprintln(os.Stderr, "testcluster:", err)
		os.Exit(1)
	}
}

func (c *cluster) run() error {
	began := time.Now()
	if err := c.prepare(); err != nil {
		return err
	}
	if err := c.startAll(); err != nil {
		return err
	}
	fmt.Printf("ready %.1f %s\n", time.Since(began).Seconds(), c.path("kubeconfig"))
	return c.await("", func() bool { return false })
}

func (c *cluster) path(elements ...string) string {
	return filepath.Join(append([]string{c.dir}, elements...)...)
}

// prepare puts everything in place that the children read.
func (c *cluster) prepare() error {
	var err error
	if c.dir, err = filepath.Abs(c.dir); err != nil {
		return err
	}
	if c.bins = []string{c.bin}; c.bin == "" {
		self, err := os.Executable()
		if err != nil {
			return err
		}
		c.bins = []string{filepath.Dir(self), filepath.Join(filepath.Dir(self), "..", "bin")}
	}
	for _, folder := range []string{"etcd", "logs", "pki", "stages"} {
		if err := os.RemoveAll(c.path(folder)); err != nil {
			return err
		}
		if err := os.MkdirAll(c.path(folder), 0o700); err != nil {
			return err
		}
	}
	p, err := newPKI()
	if err != nil {
		return err
	}
	ports, err := freePorts(6)
	if err != nil {
		return err
	}
	c.ports.etcd, c.ports.etcdPeer, c.ports.api = ports[0], ports[1], ports[2]
	c.ports.manager, c.ports.scheduler, c.ports.kwok = ports[3], ports[4], ports[5]
	c.url = "https://127.0.0.1:" + c.ports.api
	for name, content := range map[string][]byte{
		"pki/ca.crt":             p.ca.cert,
		"pki/server.crt":         p.server.cert,
		"pki/server.key":         p.server.key,
		"pki/serviceaccount.key": p.serviceAccountKey,
		"kubeconfig":             kubeconfig(c.url, p),
	} {
		if err := replaceFile(c.path(name), content, 0o600); err != nil {
			return err
		}
	}
	stages, err := defaultStages.ReadDir("stages")
	if err != nil {
		return err
	}
	for _, stage := range stages {
		content, err := defaultStages.ReadFile("stages/" + stage.Name())
		if err != nil {
			return err
		}
		if err := os.WriteFile(c.path("stages", stage.Name()), content, 0o600); err != nil {
			return err
		}
		c.stages = append(c.stages, c.path("stages", stage.Name()))
	}
	certificate, err := tls.X509KeyPair(p.admin.cert, p.admin.key)
	if err != nil {
		return err
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(p.ca.cert)
	c.http = &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: roots, Certificates: []tls.Certificate{certificate}},
	}}
	return nil
}

// claims keep other clusters from ports that our children do not listen on yet, or do not just now.
var claims []net.Listener

// freePorts picks ports below the range that the kernel gives to outgoing connections, and claims
// each, so that none is taken between here and a child's listen.
func freePorts(count int) ([]string, error) {
	var ports []string
	for tries := 0; len(ports) < count; tries++ {
		port := strconv.Itoa(10000 + rand.IntN(20000))
		listener, err := net.Listen("tcp", "127.0.0.1:"+port)
		if err != nil {
			if tries > 1000 {
				return nil, fmt.Errorf("no free port: %w", err)
			}
			continue
		}
		listener.Close()
		// A name without a file, that ends with this process.
		claim, err := net.Listen("unix", "@wandb-testcluster-port-"+port)
		if err != nil {
			continue
		}
		claims = append(claims, claim)
		ports = append(ports, port)
	}
	return ports, nil
}

func (c *cluster) startAll() error {
	etcd, peer := "http://127.0.0.1:"+c.ports.etcd, "http://127.0.0.1:"+c.ports.etcdPeer
	if err := c.start("etcd",
		"--data-dir="+c.path("etcd"),
		"--listen-client-urls="+etcd, "--advertise-client-urls="+etcd,
		"--listen-peer-urls="+peer, "--initial-advertise-peer-urls="+peer,
		"--initial-cluster=default="+peer,
		"--unsafe-no-fsync"); err != nil {
		return err
	}
	if err := c.startAPIServer(); err != nil {
		return err
	}
	admin := "--kubeconfig=" + c.path("kubeconfig")
	if err := c.start("kube-controller-manager", admin, qps, burst,
		"--service-account-private-key-file="+c.path("pki/serviceaccount.key"),
		"--root-ca-file="+c.path("pki/ca.crt"),
		"--leader-elect=false", "--profiling=false",
		"--bind-address=127.0.0.1", "--secure-port="+c.ports.manager); err != nil {
		return err
	}
	if err := c.startScheduler(); err != nil {
		return err
	}
	// Without a lease that is renewed, the node would turn NotReady after 40 s.
	kwok := []string{admin, "--manage-all-nodes=true", "--node-lease-duration-seconds=40",
		"--server-address=127.0.0.1:" + c.ports.kwok}
	for _, stage := range c.stages {
		kwok = append(kwok, "--config="+stage)
	}
	if err := c.start("kwok", kwok...); err != nil {
		return err
	}
	if err := c.createNode(); err != nil {
		return err
	}
	if c.standin {
		args := []string{admin}
		if c.channel != "" {
			args = append(args, "--channel="+c.channel)
		}
		if c.rbac {
			args = append(args, "--as-service-account")
		}
		if err := c.start("operator-standin", args...); err != nil {
			return err
		}
	}
	if err := c.await("the node to become ready", c.nodeReady); err != nil {
		return err
	}
	return c.await("the default ServiceAccount", func() bool {
		return c.get("/api/v1/namespaces/default/serviceaccounts/default", nil)
	})
}

func (c *cluster) startAPIServer() error {
	if err := c.start("kube-apiserver",
		"--etcd-servers=http://127.0.0.1:"+c.ports.etcd,
		"--secure-port="+c.ports.api, "--bind-address=127.0.0.1", "--advertise-address=127.0.0.1",
		"--tls-cert-file="+c.path("pki/server.crt"), "--tls-private-key-file="+c.path("pki/server.key"),
		"--client-ca-file="+c.path("pki/ca.crt"),
		"--service-account-key-file="+c.path("pki/serviceaccount.key"),
		"--service-account-signing-key-file="+c.path("pki/serviceaccount.key"),
		"--service-account-issuer=https://kubernetes.default.svc",
		"--service-cluster-ip-range=10.96.0.0/16",
		"--authorization-mode=RBAC", "--allow-privileged",
		// One server needs no record of who serves, and ends faster without.
		"--endpoint-reconciler-type=none", "--profiling=false"); err != nil {
		return err
	}
	return c.await("the API server", func() bool { return c.get("/readyz", nil) })
}

func (c *cluster) startScheduler() error {
	return c.start("kube-scheduler", "--kubeconfig="+c.path("kubeconfig"), qps, burst,
		"--leader-elect=false", "--profiling=false",
		"--bind-address=127.0.0.1", "--secure-port="+c.ports.scheduler)
}

// createNode makes the one node, large enough for whatever a test deploys.
func (c *cluster) createNode() error {
	resources := map[string]string{"cpu": "1000", "memory": "4Ti", "ephemeral-storage": "4Ti", "pods": "10000"}
	body, err := json.Marshal(map[string]any{
		"apiVersion": "v1", "kind": "Node",
		"metadata": map[string]any{
			"name":        "node-1",
			"annotations": map[string]string{"kwok.x-k8s.io/node": "fake"},
			"labels":      map[string]string{"kubernetes.io/hostname": "node-1", "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64"},
		},
		"status": map[string]any{"capacity": resources, "allocatable": resources},
	})
	if err != nil {
		return err
	}
	response, err := c.http.Post(c.url+"/api/v1/nodes", "application/json", bytes.NewReader(body))
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusCreated {
		text, _ := io.ReadAll(response.Body) // the status alone is worth reporting
		return fmt.Errorf("creating the node: %s: %s", response.Status, text)
	}
	return nil
}

// nodeReady also waits until the taint of a new node is gone; pods would stay unscheduled.
func (c *cluster) nodeReady() bool {
	var node struct {
		Spec   struct{ Taints []any }
		Status struct {
			Conditions []struct{ Type, Status string }
		}
	}
	if !c.get("/api/v1/nodes/node-1", &node) || len(node.Spec.Taints) > 0 {
		return false
	}
	for _, condition := range node.Status.Conditions {
		if condition.Type == "Ready" {
			return condition.Status == "True"
		}
	}
	return false
}

// get reads a path of the API into an object, and answers whether that worked.
func (c *cluster) get(path string, into any) bool {
	response, err := c.http.Get(c.url + path)
	if err != nil {
		return false
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		return false
	}
	return into == nil || json.Unmarshal(body, into) == nil
}

// await returns once the condition holds. While it waits it handles all that may happen: the
// requests to end, which it returns as errStopped, children that die, and the restart of the API
// server. Without a description there is no limit to the wait.
func (c *cluster) await(what string, condition func() bool) error {
	var timeout <-chan time.Time
	poll := time.Hour
	if what != "" {
		timeout = time.After(60 * time.Second)
		poll = 20 * time.Millisecond
	}
	for !condition() {
		select {
		case p := <-c.exits:
			if p.wanted {
				delete(c.processes, p.name)
				return p.died()
			}
		case s := <-c.signals:
			if err := c.handle(s); err != nil {
				return err
			}
		case <-c.eof:
			return errStopped
		case <-timeout:
			return fmt.Errorf("waited in vain for %s; see %s", what, c.path("logs"))
		case <-time.After(poll):
		}
	}
	return nil
}

func (c *cluster) handle(s os.Signal) error {
	switch s {
	case syscall.SIGUSR1:
		// The scheduler must not be there: it gives up if it can't learn what became of a binding.
		c.stop(syscall.SIGTERM, "kube-scheduler")
		// As if it had crashed, since that is what a client must survive.
		c.stop(syscall.SIGKILL, "kube-apiserver")
	case syscall.SIGUSR2:
		if c.processes["kube-apiserver"] == nil {
			if err := c.startAPIServer(); err != nil {
				return err
			}
			return c.startScheduler()
		}
	default:
		return errStopped
	}
	return nil
}

func (c *cluster) stopAll() {
	c.stop(syscall.SIGTERM, "operator-standin")
	c.stop(syscall.SIGTERM, "kwok", "kube-scheduler", "kube-controller-manager")
	c.stop(syscall.SIGTERM, "kube-apiserver")
	c.stop(syscall.SIGTERM, "etcd")
}

// kubeconfig has all credentials inline, so that it can be copied anywhere.
func kubeconfig(url string, p *pki) []byte {
	encode := base64.StdEncoding.EncodeToString
	var b strings.Builder
	fmt.Fprintf(&b, `apiVersion: v1
kind: Config
current-context: wandb-test
clusters:
- name: wandb-test
  cluster:
    server: %s
    certificate-authority-data: %s
contexts:
- name: wandb-test
  context:
    cluster: wandb-test
    user: wandb-test
- name: wandb-readonly
  context:
    cluster: wandb-test
    user: wandb-readonly
users:
`, url, encode(p.ca.cert))
	for _, user := range []struct {
		name string
		pair
	}{{"wandb-test", p.admin}, {"wandb-readonly", p.readonly}} {
		fmt.Fprintf(&b, "- name: %s\n  user:\n    client-certificate-data: %s\n    client-key-data: %s\n",
			user.name, encode(user.cert), encode(user.key))
	}
	return []byte(b.String())
}
