package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// process is one child.
type process struct {
	name    string
	cmd     *exec.Cmd
	gone    chan struct{} // closed once it was reaped; state is final then
	wanted  bool          // false once we ended it ourselves
	logPath string
}

// start runs a program. It must be called on the main thread: a child gets its parent-death
// signal when the thread that started it ends, and only the main thread lives to the end.
func (c *cluster) start(name string, args ...string) error {
	path, err := c.find(name)
	if err != nil {
		return err
	}
	logPath := filepath.Join(c.dir, "logs", name+".log")
	log, err := os.OpenFile(logPath, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		return err
	}
	defer log.Close()
	cmd := exec.Command(path, args...)
	cmd.Stdout, cmd.Stderr = log, log
	// Neither proxies nor the configuration of whoever runs the tests may reach the children.
	cmd.Env = []string{"HOME=" + c.dir, "PATH=" + os.Getenv("PATH")}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	p := &process{name: name, cmd: cmd, gone: make(chan struct{}), wanted: true, logPath: logPath}
	go func() {
		_ = cmd.Wait() // how it ended is in cmd.ProcessState
		close(p.gone)
		c.exits <- p
	}()
	c.processes[name] = p
	return c.writePids()
}

// stop ends the named children together and waits until all of them are gone.
func (c *cluster) stop(signal syscall.Signal, names ...string) {
	var ending []*process
	for _, name := range names {
		if p := c.processes[name]; p != nil {
			p.wanted = false
			_ = p.cmd.Process.Signal(signal) // fails only if it is gone already
			ending = append(ending, p)
			delete(c.processes, name)
		}
	}
	patience := time.After(10 * time.Second)
	for _, p := range ending {
		select {
		case <-p.gone:
		case <-patience:
			_ = p.cmd.Process.Kill()
			<-p.gone
		}
	}
	if err := c.writePids(); err != nil {
		fmt.Fprintln(os.Stderr, "testcluster:", err)
	}
}

// writePids tells tests which process is which.
func (c *cluster) writePids() error {
	pids := map[string]int{}
	for name, p := range c.processes {
		pids[name] = p.cmd.Process.Pid
	}
	text, err := json.MarshalIndent(pids, "", "  ")
	if err != nil {
		return err
	}
	return replaceFile(filepath.Join(c.dir, "pids.json"), append(text, '\n'), 0o644)
}

// find looks for a program next to this one. The installed testcluster lies in a folder of its
// own, with links to everything in the neighbouring bin.
func (c *cluster) find(name string) (string, error) {
	for _, folder := range c.bins {
		path := filepath.Join(folder, name)
		if info, err := os.Stat(path); err == nil && info.Mode()&0o111 != 0 {
			return path, nil
		}
	}
	return "", fmt.Errorf("%s is not in %s", name, strings.Join(c.bins, " or "))
}

// died describes a child's unexpected end.
func (p *process) died() error {
	const keep = 20
	text, _ := os.ReadFile(p.logPath) // without a log there is just nothing to show
	lines := strings.Split(strings.TrimRight(string(text), "\n"), "\n")
	lines = lines[max(0, len(lines)-keep):]
	return fmt.Errorf("%s ended unexpectedly (%s); the end of %s:\n%s",
		p.name, p.cmd.ProcessState, p.logPath, strings.Join(lines, "\n"))
}

// replaceFile makes the new content appear in one step.
func replaceFile(path string, content []byte, mode os.FileMode) error {
	if err := os.WriteFile(path+".new", content, mode); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}
