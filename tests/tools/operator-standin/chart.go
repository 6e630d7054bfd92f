package main

import (
	"encoding/json"
	"net/url"
	"os"
	"regexp"
	"strings"
)

// chart says where a Helm chart comes from. The stored form spells out user, password and debug
// even if empty, as the operator's does.
type chart interface {
	// reach fails as fetching or rendering this chart would.
	reach() error
	// withDefaults is the form that is stored once the chart was applied.
	withDefaults() chart
}

type localChart struct {
	Path string `json:"path"`
}

type credentialSecret struct {
	Name        string `json:"name"`
	UsernameKey string `json:"usernameKey"`
	PasswordKey string `json:"passwordKey"`
}

type ociChart struct {
	URL              string            `json:"url"`
	Version          string            `json:"version,omitempty"`
	PlainHTTP        bool              `json:"plainHTTP"`
	Username         string            `json:"username"`
	Password         string            `json:"password"`
	CredentialSecret *credentialSecret `json:"credentialSecret,omitempty"`
	Debug            bool              `json:"debug"`
}

type repoChart struct {
	URL              string            `json:"url"`
	Name             string            `json:"name"`
	Version          string            `json:"version"`
	RepoName         string            `json:"repoName,omitempty"`
	Username         string            `json:"username"`
	Password         string            `json:"password"`
	CredentialSecret *credentialSecret `json:"credentialSecret,omitempty"`
	Debug            bool              `json:"debug"`
}

// A reference in a registry that ends in a tag or a digest; the port of a host is neither.
var ociTagged = regexp.MustCompile(`(:[^/:@]+|@[^/]+)$`)

// parseChart tries the kinds in the operator's order. JSON of the wrong type, e.g. a version that
// is a number, only means "not this kind"; what is no kind at all is no chart, without an error.
func parseChart(text []byte) chart {
	var local localChart
	if json.Unmarshal(text, &local) == nil && local.Path != "" {
		return local
	}
	var oci ociChart
	if json.Unmarshal(text, &oci) == nil {
		reference, isOCI := strings.CutPrefix(oci.URL, "oci://")
		_, path, _ := strings.Cut(reference, "/")
		versioned := oci.Version != "" || ociTagged.MatchString(path)
		if isOCI && versioned && (oci.Username == "") == (oci.Password == "") {
			return oci
		}
	}
	var repo repoChart
	if json.Unmarshal(text, &repo) == nil && repo.Name != "" {
		if u, err := url.Parse(repo.URL); err == nil && u.Scheme != "" && u.Host != "" && u.Scheme != "oci" {
			return repo
		}
	}
	return nil
}

func (c localChart) reach() error { return reach(c.Path) }
func (c ociChart) reach() error   { return reach(c.URL) }
func (c repoChart) reach() error  { return reach(c.URL) }

// reach lets a test have a chart that can't be rendered, or not while a file is missing.
func reach(location string) error {
	if file, ok := strings.CutPrefix(location, "/if-there"); ok {
		if _, err := os.Stat(file); err != nil {
			return errBroken
		}
	}
	if strings.HasPrefix(location, "https://broken.") || strings.HasPrefix(location, "oci://broken.") ||
		strings.HasPrefix(location, "/broken/") {
		return errBroken
	}
	return nil
}

func (c localChart) withDefaults() chart { return c }

func (c ociChart) withDefaults() chart {
	c.CredentialSecret = c.CredentialSecret.withDefaults()
	return c
}

func (c repoChart) withDefaults() chart {
	c.CredentialSecret = c.CredentialSecret.withDefaults()
	return c
}

func (s *credentialSecret) withDefaults() *credentialSecret {
	if s == nil {
		return nil
	}
	filled := *s
	if filled.UsernameKey == "" {
		filled.UsernameKey = "HELM_USERNAME"
	}
	if filled.PasswordKey == "" {
		filled.PasswordKey = "HELM_PASSWORD"
	}
	return &filled
}
