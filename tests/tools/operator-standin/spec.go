package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
)

var errBroken = errors.New("the chart can't be rendered")

// spec is one layer of what is to be installed, and what is stored in the Secrets. All numbers in
// values are float64, since they always come from JSON.
type spec struct {
	chart    chart
	metadata map[string]string
	values   map[string]any
}

// document is the form of a spec in JSON.
type document struct {
	Chart    json.RawMessage   `json:"chart"`
	Metadata map[string]string `json:"metadata"`
	Values   map[string]any    `json:"values"`
}

func (d document) spec() *spec {
	return &spec{parseChart(d.Chart), d.Metadata, d.Values}
}

// mergeSpecs takes values from all layers, but chart and metadata whole from the first that has one.
func mergeSpecs(layers ...*spec) (*spec, error) {
	merged := &spec{}
	var values []map[string]any
	for _, layer := range layers {
		if layer == nil {
			continue
		}
		if merged.chart == nil {
			merged.chart = layer.chart
		}
		if merged.metadata == nil {
			merged.metadata = layer.metadata
		}
		values = append(values, layer.values)
	}
	var err error
	merged.values, err = mergeLayers(values)
	return merged, err
}

func (s *spec) equal(other *spec) bool {
	a, errA := s.encode()
	b, errB := other.encode()
	return errA == nil && errB == nil && equality.Semantic.DeepEqual(a, b)
}

// encode makes the three texts of a Secret.
func (s *spec) encode() (map[string][]byte, error) {
	data := map[string][]byte{}
	for key, value := range map[string]any{"chart": s.chart, "metadata": s.metadata, "values": s.values} {
		var text bytes.Buffer
		encoder := json.NewEncoder(&text)
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(value); err != nil {
			return nil, err
		}
		data[key] = bytes.TrimSuffix(text.Bytes(), []byte("\n"))
	}
	return data, nil
}

func readSpec(ctx context.Context, c client.Client, namespace, name string) (*spec, error) {
	secret := &corev1.Secret{}
	if err := c.Get(ctx, client.ObjectKey{Namespace: namespace, Name: name}, secret); err != nil {
		return nil, err
	}
	d := document{Chart: secret.Data["chart"]}
	for _, key := range []string{"chart", "values"} {
		if secret.Data[key] == nil {
			return nil, fmt.Errorf("secret %s has no key %s", name, key)
		}
	}
	if err := json.Unmarshal(secret.Data["values"], &d.Values); err != nil {
		return nil, fmt.Errorf("secret %s, values: %w", name, err)
	}
	if text := secret.Data["metadata"]; text != nil {
		if err := json.Unmarshal(text, &d.Metadata); err != nil {
			return nil, fmt.Errorf("secret %s, metadata: %w", name, err)
		}
	}
	return d.spec(), nil
}

// readManaged reads the ConfigMap that takes the place of the channel.
func readManaged(ctx context.Context, c client.Client, namespace string) (*spec, error) {
	managed := &corev1.ConfigMap{}
	if err := c.Get(ctx, client.ObjectKey{Namespace: namespace, Name: managedSpec}, managed); err != nil {
		return nil, err
	}
	d := document{Chart: json.RawMessage(managed.Data["chart"])}
	if err := json.Unmarshal([]byte(managed.Data["values"]), &d.Values); err != nil {
		return nil, fmt.Errorf("managed spec, values: %w", err)
	}
	s := d.spec()
	if s.chart == nil || s.values == nil {
		return nil, errors.New("managed spec: no chart, or no values")
	}
	return s, nil
}

// writeSpec replaces the whole Secret, labels included.
func writeSpec(ctx context.Context, c client.Client, owner *unstructured.Unstructured, name string, s *spec) error {
	data, err := s.encode()
	if err != nil {
		return err
	}
	secret := &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: owner.GetNamespace(), Name: name},
		Data:       data,
	}
	if err := controllerutil.SetControllerReference(owner, secret, c.Scheme()); err != nil {
		return err
	}
	if err = c.Create(ctx, secret); apierrors.IsAlreadyExists(err) {
		return c.Update(ctx, secret)
	}
	return err
}

// readChannel plays the request to the release channel. The file holds the answer; a pinned
// release is looked up in its "releases" unless it is the current one.
func readChannel(path, pinned string) (*spec, error) {
	const tries, pause = 3, 50 * time.Millisecond
	var text []byte
	err := errors.New("no channel is configured")
	for try := 0; path != "" && err != nil && try < tries; try++ {
		if try > 0 {
			time.Sleep(pause)
		}
		text, err = os.ReadFile(path)
	}
	if err != nil {
		return nil, fmt.Errorf("all retries failed: %w", err)
	}
	var answer struct {
		document
		Releases map[string]document `json:"releases"`
	}
	if err := json.Unmarshal(text, &answer); err != nil {
		return nil, err
	}
	if pinned == "" || pinned == answer.Metadata["releaseId"] {
		return answer.spec(), nil
	}
	release, found := answer.Releases[pinned]
	if !found {
		return nil, fmt.Errorf("all retries failed: no release %s", pinned)
	}
	return release.spec(), nil
}
