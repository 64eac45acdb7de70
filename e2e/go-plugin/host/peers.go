package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"

	"github.com/hashicorp/packer-plugin-sdk/packer"
)

// hostUi prints what a component says, and cancels the work when it says CANCEL_AT.
type hostUi struct {
	lock     sync.Mutex
	cancelAt string
	cancel   context.CancelFunc
}

func (u *hostUi) print(kind, message string) {
	u.lock.Lock()
	defer u.lock.Unlock()
	fmt.Println(kind, message)
	if u.cancelAt != "" && strings.Contains(message, u.cancelAt) {
		u.cancel()
	}
}

func (u *hostUi) Ask(question string) (string, error) {
	u.print("ask", question)
	if answer := os.Getenv("ANSWER"); answer != "" {
		return answer, nil
	}
	return "", errors.New("nobody answers")
}
func (u *hostUi) Askf(format string, args ...any) (string, error) {
	return u.Ask(fmt.Sprintf(format, args...))
}
func (u *hostUi) Say(message string)                { u.print("say", message) }
func (u *hostUi) Sayf(format string, args ...any)   { u.Say(fmt.Sprintf(format, args...)) }
func (u *hostUi) Message(message string)            { u.print("message", message) }
func (u *hostUi) Error(message string)              { u.print("complain", message) }
func (u *hostUi) Errorf(format string, args ...any) { u.Error(fmt.Sprintf(format, args...)) }
func (u *hostUi) Machine(category string, args ...string) {
	u.print("machine", category+" "+strings.Join(args, "|"))
}

// TrackProgress counts what is read, and says so at the end.
func (u *hostUi) TrackProgress(source string, current, total int64, stream io.ReadCloser) io.ReadCloser {
	return &tracked{ReadCloser: stream, ui: u, source: source, done: current, total: total}
}

type tracked struct {
	io.ReadCloser
	ui          *hostUi
	source      string
	done, total int64
}

func (t *tracked) Read(into []byte) (int, error) {
	count, err := t.ReadCloser.Read(into)
	t.done += int64(count)
	return count, err
}

func (t *tracked) Close() error {
	t.ui.print("progress", fmt.Sprintf("%s %d of %d", t.source, t.done, t.total))
	return t.ReadCloser.Close()
}

// input is what a post-processor works on.
type input struct{}

func (*input) BuilderId() string { return "host.input" }
func (*input) Files() []string   { return []string{"a", "b"} }
func (*input) Id() string        { return "in" }
func (*input) String() string    { return "an input" }
func (*input) Destroy() error    { return nil }
func (*input) State(name string) interface{} {
	if name == "generated_data" {
		return map[string]interface{}{"ID": "in", "Greeting": "hello", "Port": 22}
	}
	return nil
}

// folder is a machine that is a folder: commands run in it, relative paths start there.
type folder struct{ root string }

func (f *folder) at(path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(f.root, path)
}

func (f *folder) Start(ctx context.Context, remote *packer.RemoteCmd) error {
	command := exec.CommandContext(ctx, "/bin/sh", "-c", remote.Command)
	command.Dir, command.Stdin, command.Stdout, command.Stderr = f.root, remote.Stdin, remote.Stdout, remote.Stderr
	if err := command.Start(); err != nil {
		return err
	}
	go func() {
		status := 0
		var exit *exec.ExitError
		if err := command.Wait(); errors.As(err, &exit) {
			status = exit.ExitCode()
		} else if err != nil {
			status = packer.CmdDisconnect
		}
		remote.SetExited(status)
	}()
	return nil
}

func (f *folder) Upload(path string, content io.Reader, info *os.FileInfo) error {
	file, err := os.Create(f.at(path))
	if err != nil {
		return err
	}
	defer file.Close()
	size, err := io.Copy(file, content)
	if info != nil {
		fmt.Println("upload", path, size, (*info).Size(), (*info).Mode())
	}
	return err
}

func (f *folder) UploadDir(dst string, src string, exclude []string) error {
	return exec.Command("cp", "-r", src, f.at(dst)).Run()
}

func (f *folder) Download(path string, content io.Writer) error {
	file, err := os.Open(f.at(path))
	if err != nil {
		return err
	}
	defer file.Close()
	_, err = io.Copy(content, file)
	return err
}

func (f *folder) DownloadDir(src string, dst string, exclude []string) error {
	return exec.Command("cp", "-r", f.at(src), dst).Run()
}
