package main

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"testing"
)

func load(t *testing.T, name string, into any) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "data", name))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, into); err != nil {
		t.Fatal(err)
	}
}

func TestMergeLayers(t *testing.T) {
	var file struct {
		Cases []struct {
			Name   string
			Layers []map[string]any
			Want   map[string]any
			Error  string
		}
	}
	load(t, "merge-cases.json", &file)
	if len(file.Cases) == 0 {
		t.Fatal("no cases")
	}
	known := map[string]error{"": nil, "type not match": errTypes, "panic": errNull}
	for _, c := range file.Cases {
		t.Run(c.Name, func(t *testing.T) {
			want, ok := known[c.Error]
			if !ok {
				t.Fatalf("unknown error %q", c.Error)
			}
			got, err := mergeLayers(c.Layers)
			if !errors.Is(err, want) {
				t.Fatalf("error %v, want %v", err, want)
			}
			if !reflect.DeepEqual(got, c.Want) {
				t.Errorf("got %v, want %v", got, c.Want)
			}
		})
	}
}

func TestParseChart(t *testing.T) {
	var cases []struct {
		In   json.RawMessage
		Kind string
	}
	load(t, "chart-kinds.json", &cases)
	kinds := map[string]reflect.Type{
		"":      nil,
		"local": reflect.TypeFor[localChart](),
		"oci":   reflect.TypeFor[ociChart](),
		"repo":  reflect.TypeFor[repoChart](),
	}
	if len(cases) == 0 {
		t.Fatal("no cases")
	}
	for _, c := range cases {
		if got := reflect.TypeOf(parseChart(c.In)); got != kinds[c.Kind] {
			t.Errorf("%s: got %v, want %v", c.In, got, kinds[c.Kind])
		}
	}
}

func TestMergeSpecsTakesChartWhole(t *testing.T) {
	incomplete := document{Chart: json.RawMessage(`{"version":"1"}`)}.spec()
	complete := document{
		Chart:    json.RawMessage(`{"url":"https://charts.example.com","name":"operator-wandb"}`),
		Metadata: map[string]string{"releaseId": "r"},
	}.spec()
	got, err := mergeSpecs(incomplete, nil, complete)
	if err != nil {
		t.Fatal(err)
	}
	if got.chart != complete.chart || got.metadata["releaseId"] != "r" {
		t.Errorf("got %+v", got)
	}
}

func TestReadChannel(t *testing.T) {
	path := filepath.Join(t.TempDir(), "channel.json")
	write := func(text string) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := readChannel(path, ""); err == nil {
		t.Error("a missing file is no channel")
	}
	write(`{"metadata":{"releaseId":"a"},"values":{"n":1},"releases":{"b":{"values":{"n":2}}}}`)
	for pinned, want := range map[string]any{"": 1.0, "a": 1.0, "b": 2.0} {
		got, err := readChannel(path, pinned)
		if err != nil || got.values["n"] != want {
			t.Errorf("pinned %q: %v, %v", pinned, got, err)
		}
	}
	if _, err := readChannel(path, "c"); err == nil {
		t.Error("an unknown release was found")
	}
	write(`{"metadata":{"releaseId":1}}`)
	if _, err := readChannel(path, ""); err == nil {
		t.Error("metadata must be strings")
	}
}
