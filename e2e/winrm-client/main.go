// Command winrm-client drives a WinRM server with the libraries that Packer uses, and prints what it got as JSON. It is the
// independent judge of the server that the tests of tspack bring along.
//
//	winrm-client [flags] run COMMAND      standard input goes to the command
//	winrm-client [flags] powershell TEXT
//	winrm-client [flags] upload FROM TO
//	winrm-client [flags] list PATH
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/masterzen/winrm"
	"github.com/packer-community/winrmcp/winrmcp"
)

type result struct {
	Stdout   string             `json:"stdout"`
	Stderr   string             `json:"stderr"`
	ExitCode int                `json:"exitCode"`
	Items    []winrmcp.FileItem `json:"items,omitempty"`
}

type options struct {
	host, user, password, authority string
	port                            int
	ntlm                            bool
	wait                            time.Duration
}

func main() {
	var given options
	flag.StringVar(&given.host, "host", "127.0.0.1", "address of the server")
	flag.IntVar(&given.port, "port", 5985, "port of the server")
	flag.StringVar(&given.user, "user", "", "account")
	flag.StringVar(&given.password, "password", "", "its password")
	flag.BoolVar(&given.ntlm, "ntlm", false, "log in with NTLM")
	flag.StringVar(&given.authority, "ca", "", "file with the certificate of an HTTPS server")
	flag.DurationVar(&given.wait, "wait", time.Minute, "time-out of one operation")
	flag.Parse()
	answer, err := run(given, flag.Args())
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	if err := json.NewEncoder(os.Stdout).Encode(answer); err != nil {
		os.Exit(1)
	}
}

func run(given options, args []string) (*result, error) {
	if len(args) < 2 {
		return nil, errors.New("what to do?")
	}
	var authority []byte
	if given.authority != "" {
		content, err := os.ReadFile(given.authority)
		if err != nil {
			return nil, err
		}
		authority = content
	}
	var transport func() winrm.Transporter
	if given.ntlm {
		transport = func() winrm.Transporter { return &winrm.ClientNTLM{} }
	}
	switch args[0] {
	case "run", "powershell":
		command := args[1]
		if args[0] == "powershell" {
			command = winrm.Powershell(command)
		}
		return execute(given, authority, transport, command)
	case "upload", "list":
		copier, err := winrmcp.New(net.JoinHostPort(given.host, strconv.Itoa(given.port)), &winrmcp.Config{
			Auth:                  winrmcp.Auth{User: given.user, Password: given.password},
			Https:                 authority != nil,
			CACertBytes:           authority,
			OperationTimeout:      given.wait,
			MaxOperationsPerShell: 15,
			TransportDecorator:    transport,
		})
		if err != nil {
			return nil, err
		}
		if args[0] == "list" {
			items, err := copier.List(args[1])
			return &result{Items: items}, err
		}
		if len(args) < 3 {
			return nil, errors.New("upload where?")
		}
		return &result{}, copier.Copy(args[1], args[2])
	default:
		return nil, fmt.Errorf("%s is not known", args[0])
	}
}

func execute(given options, authority []byte, transport func() winrm.Transporter, command string) (*result, error) {
	parameters := winrm.NewParameters(fmt.Sprintf("PT%dS", int(given.wait.Seconds())), "en-US", 153600)
	parameters.TransportDecorator = transport
	endpoint := winrm.NewEndpoint(given.host, given.port, authority != nil, false, authority, nil, nil, given.wait+time.Minute)
	client, err := winrm.NewClientWithParameters(endpoint, given.user, given.password, parameters)
	if err != nil {
		return nil, err
	}
	input, err := io.ReadAll(os.Stdin)
	if err != nil {
		return nil, err
	}
	var stdout, stderr strings.Builder
	var code int
	if len(input) == 0 {
		code, err = client.Run(command, &stdout, &stderr)
	} else {
		code, err = client.RunWithInput(command, &stdout, &stderr, strings.NewReader(string(input)))
	}
	return &result{Stdout: stdout.String(), Stderr: stderr.String(), ExitCode: code}, err
}
