package main

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/hashicorp/packer-plugin-sdk/packer"
)

// folderCommunicator is a machine that is a folder: commands run in it, relative paths start there.
type folderCommunicator struct{ root string }

func (c *folderCommunicator) at(path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(c.root, path)
}

// Start implements packer.Communicator.
func (c *folderCommunicator) Start(ctx context.Context, remote *packer.RemoteCmd) error {
	command := exec.CommandContext(ctx, "/bin/sh", "-c", remote.Command)
	command.Dir, command.Stdin, command.Stdout, command.Stderr = c.root, remote.Stdin, remote.Stdout, remote.Stderr
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

// Upload implements packer.Communicator.
func (c *folderCommunicator) Upload(path string, content io.Reader, info *os.FileInfo) error {
	mode := os.FileMode(0o644)
	if info != nil {
		mode = (*info).Mode().Perm()
	}
	file, err := os.OpenFile(c.at(path), os.O_CREATE|os.O_TRUNC|os.O_WRONLY, mode)
	if err != nil {
		return err
	}
	defer file.Close()
	_, err = io.Copy(file, content)
	return err
}

// UploadDir implements packer.Communicator.
func (c *folderCommunicator) UploadDir(dst string, src string, _ []string) error {
	return exec.Command("cp", "-r", src, c.at(dst)).Run()
}

// Download implements packer.Communicator.
func (c *folderCommunicator) Download(path string, content io.Writer) error {
	file, err := os.Open(c.at(path))
	if err != nil {
		return err
	}
	defer file.Close()
	_, err = io.Copy(content, file)
	return err
}

// DownloadDir implements packer.Communicator.
func (c *folderCommunicator) DownloadDir(src string, dst string, _ []string) error {
	return exec.Command("cp", "-r", c.at(src), dst).Run()
}
