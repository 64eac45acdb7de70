// A store with the protocol of S3 for tests, which checks signatures with the signer of the AWS SDK for Go: it signs what arrived once
// more, and compares. Serves the files of a folder: BUCKET/KEY. Prints its address; /.requests is a line per request.
//
//	s3-server FOLDER REGION ACCESS_KEY_ID SECRET_ACCESS_KEY [SESSION_TOKEN]
//
// The bucket "public" may be read by everybody. An object whose key ends in ".breaks" breaks off half-way when all of it is asked for.
package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

var authorization = regexp.MustCompile(`^AWS4-HMAC-SHA256 Credential=([^/]+)/(\d{8})/([^/]+)/s3/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$`)

type store struct {
	folder, region string
	credentials    aws.Credentials
	lock           sync.Mutex
	requests       []string
}

type refusal struct {
	XMLName xml.Name `xml:"Error"`
	Code    string
	Message string
	Region  string `xml:",omitempty"`
	status  int
}

func main() {
	arguments := append(os.Args[1:], "")
	s := &store{folder: arguments[0], region: arguments[1], credentials: aws.Credentials{AccessKeyID: arguments[2], SecretAccessKey: arguments[3], SessionToken: arguments[4]}}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Printf("http://%s\n", listener.Addr())
	// Whoever started it is gone when its input ends.
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	panic(http.Serve(listener, http.HandlerFunc(s.serve)))
}

func (s *store) serve(w http.ResponseWriter, r *http.Request) {
	bucket, key, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	who := "unsigned"
	if found := authorization.FindStringSubmatch(r.Header.Get("Authorization")); found != nil {
		who = found[1] + " " + found[3]
	}
	s.lock.Lock()
	if r.URL.Path == "/.requests" {
		_, _ = io.WriteString(w, strings.Join(s.requests, "\n"))
		s.lock.Unlock()
		return
	}
	s.requests = append(s.requests, strings.TrimSpace(fmt.Sprintf("%s %s %s %s", r.Method, r.URL.RequestURI(), who, r.Header.Get("Range"))))
	s.lock.Unlock()
	if problem := s.check(r, bucket); problem != nil {
		s.refuse(w, problem)
		return
	}
	file, err := os.Open(filepath.Join(s.folder, bucket, filepath.FromSlash(filepath.Clean("/"+key))))
	if err != nil {
		s.refuse(w, &refusal{Code: "NoSuchKey", Message: "The specified key does not exist.", status: 404})
		return
	}
	defer file.Close()
	content, _ := io.ReadAll(file)
	w.Header().Set("ETag", fmt.Sprintf("%q", hex.EncodeToString(sha256.New().Sum(nil))[:32]))
	if version := r.URL.Query().Get("versionId"); version != "" {
		content = append([]byte(version+"\n"), content...)
	}
	if strings.HasSuffix(key, ".breaks") && r.Header.Get("Range") == "" {
		w.Header().Set("Content-Length", fmt.Sprint(len(content)))
		_, _ = w.Write(content[:len(content)/2])
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	}
	http.ServeContent(w, r, "", time.Unix(1780000000, 0), strings.NewReader(string(content)))
}

func (s *store) check(r *http.Request, bucket string) *refusal {
	given := r.Header.Get("Authorization")
	if given == "" {
		if bucket == "public" {
			return nil
		}
		return &refusal{Code: "AccessDenied", Message: "Access Denied", status: 403}
	}
	parts := authorization.FindStringSubmatch(given)
	if parts == nil {
		return &refusal{Code: "AuthorizationHeaderMalformed", Message: "The authorization header is malformed.", status: 400}
	}
	if parts[1] != s.credentials.AccessKeyID {
		return &refusal{Code: "InvalidAccessKeyId", Message: "The AWS Access Key Id you provided does not exist in our records: " + parts[1], status: 403}
	}
	if parts[3] != s.region {
		message := fmt.Sprintf("The authorization header is malformed; the region '%s' is wrong; expecting '%s'", parts[3], s.region)
		return &refusal{Code: "AuthorizationHeaderMalformed", Message: message, Region: s.region, status: 400}
	}
	at, err := time.Parse("20060102T150405Z", r.Header.Get("X-Amz-Date"))
	if err != nil || time.Since(at).Abs() > 15*time.Minute || !strings.HasPrefix(r.Header.Get("X-Amz-Date"), parts[2]) {
		return &refusal{Code: "RequestTimeTooSkewed", Message: "The difference between the request time and the current time is too large.", status: 403}
	}
	payload := r.Header.Get("X-Amz-Content-Sha256")
	if empty := sha256.Sum256(nil); payload != hex.EncodeToString(empty[:]) {
		return &refusal{Code: "XAmzContentSHA256Mismatch", Message: "The provided 'x-amz-content-sha256' header does not match.", status: 400}
	}
	if r.Header.Get("X-Amz-Security-Token") != s.credentials.SessionToken {
		return &refusal{Code: "InvalidToken", Message: "The provided token is malformed or otherwise invalid.", status: 400}
	}
	again, _ := http.NewRequest(r.Method, "http://"+r.Host+r.URL.RequestURI(), nil)
	for _, name := range strings.Split(parts[4], ";") {
		if name != "host" {
			again.Header.Set(name, r.Header.Get(name))
		}
	}
	signer := v4.NewSigner(func(o *v4.SignerOptions) { o.DisableURIPathEscaping = true })
	if err := signer.SignHTTP(context.Background(), s.credentials, again, payload, "s3", parts[3], at); err != nil {
		panic(err)
	}
	expected := authorization.FindStringSubmatch(again.Header.Get("Authorization"))
	if expected == nil || expected[5] != parts[5] {
		return &refusal{Code: "SignatureDoesNotMatch", Message: "The request signature we calculated does not match the signature you provided.", status: 403}
	}
	return nil
}

func (s *store) refuse(w http.ResponseWriter, problem *refusal) {
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(problem.status)
	_, _ = io.WriteString(w, xml.Header)
	_ = xml.NewEncoder(w).Encode(problem)
}
