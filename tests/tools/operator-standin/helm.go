package main

import (
	"context"
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/sets"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// object is a piece of a manifest.
type object = map[string]any

const (
	managedByLabel    = "app.kubernetes.io/managed-by"
	instanceLabel     = "app.kubernetes.io/instance"
	releaseAnnotation = "meta.helm.sh/release-name"
)

// installedKinds are the kinds that a release may contain.
var installedKinds = []schema.GroupVersionKind{
	{Group: "apps", Version: "v1", Kind: "Deployment"},
	{Group: "apps", Version: "v1", Kind: "StatefulSet"},
	{Group: "networking.k8s.io", Version: "v1", Kind: "Ingress"},
}

// components of the chart that are on by default and have a Deployment.
var components = []struct{ name, repository string }{
	{"app", "wandb/local"},
	{"console", "wandb/console"},
	{"parquet", "wandb/megabinary"},
	{"weave", "wandb/weave-python"},
}

// lookup follows keys through maps; a missing or differently typed value gives the fallback.
func lookup[T any](values map[string]any, fallback T, keys ...string) T {
	var value any = values
	for _, key := range keys {
		m, _ := value.(map[string]any)
		value = m[key]
	}
	if typed, ok := value.(T); ok {
		return typed
	}
	return fallback
}

// render plays the chart: its outline with the values that matter to a client.
func render(owner *unstructured.Unstructured, values map[string]any) []*unstructured.Unstructured {
	var objects []*unstructured.Unstructured
	add := func(gvk schema.GroupVersionKind, name string, labels, body object) {
		labels[managedByLabel] = "Helm"
		u := &unstructured.Unstructured{Object: body}
		u.SetGroupVersionKind(gvk)
		metadata := object{
			"name":        name,
			"namespace":   owner.GetNamespace(),
			"labels":      labels,
			"annotations": object{releaseAnnotation: owner.GetName(), "meta.helm.sh/release-namespace": owner.GetNamespace()},
		}
		// The operator adopts what carries the instance label, without becoming its controller.
		if labels[instanceLabel] != nil {
			metadata["ownerReferences"] = []any{object{
				"apiVersion": owner.GetAPIVersion(), "kind": owner.GetKind(),
				"name": owner.GetName(), "uid": string(owner.GetUID()),
			}}
		}
		u.Object["metadata"] = metadata
		objects = append(objects, u)
	}
	workload := func(gvk schema.GroupVersionKind, component, name, image string, extra object) {
		selector := object{instanceLabel: owner.GetName(), "app.kubernetes.io/name": component}
		body := object{
			"replicas": int64(lookup(values, 1.0, component, "replicaCount")),
			"selector": object{"matchLabels": selector},
			"template": object{
				"metadata": object{
					"labels":      selector,
					"annotations": lookup(values, object{}, component, "podAnnotations"),
				},
				"spec": object{"containers": []any{object{"name": component, "image": image}}},
			},
		}
		for key, value := range extra {
			body[key] = value
		}
		add(gvk, name, object{instanceLabel: owner.GetName(), "app.kubernetes.io/name": component}, object{"spec": body})
	}

	release := owner.GetName()
	for _, c := range components {
		if lookup(values, true, c.name, "install") {
			image := lookup(values, c.repository, c.name, "image", "repository")
			if prefix := lookup(values, "", "global", "repositoryPrefix"); prefix != "" {
				image = prefix + "/" + image
			}
			image += ":" + lookup(values, "latest", c.name, "image", "tag")
			workload(installedKinds[0], c.name, release+"-"+c.name+"-bc", image, nil)
		}
	}
	if lookup(values, true, "redis", "install") {
		image := lookup(values, "docker.io", "global", "imageRegistry") + "/" +
			lookup(values, "bitnamilegacy/redis", "redis", "image", "repository") + ":" +
			lookup(values, "7.2.4-debian-12-r9", "redis", "image", "tag")
		workload(installedKinds[1], "redis", release+"-redis-master", image, object{"serviceName": release + "-redis-headless"})
	}
	if lookup(values, true, "ingress", "install") && lookup(values, true, "ingress", "create") {
		// The chart's Ingress carries no instance label, so the operator never adopts it.
		add(installedKinds[2], lookup(values, release, "ingress", "nameOverride"), object{}, object{"spec": ingress(release, values)})
	}
	return objects
}

func ingress(release string, values map[string]any) object {
	host := lookup(values, "http://localhost", "global", "host")
	for _, scheme := range []string{"http://", "https://"} {
		host = strings.TrimPrefix(host, scheme)
	}
	backend := object{"service": object{"name": release + "-app", "port": object{"number": int64(8080)}}}
	spec := object{"rules": []any{object{
		"host": host,
		"http": object{"paths": []any{object{"path": "/", "pathType": "Prefix", "backend": backend}}},
	}}}
	if class := lookup(values, "", "ingress", "class"); class != "" {
		spec["ingressClassName"] = class
	}
	return spec
}

// install plays `helm upgrade --install`, which doesn't wait for workloads.
func install(ctx context.Context, c client.Client, owner *unstructured.Unstructured, s *spec) error {
	if err := s.chart.reach(); err != nil {
		return err
	}
	revisions, err := releaseSecrets(ctx, c, owner)
	if err != nil {
		return err
	}
	wanted := sets.New[string]()
	for _, u := range render(owner, s.values) {
		wanted.Insert(u.GetKind() + "/" + u.GetName())
		if err := c.Apply(ctx, client.ApplyConfigurationFromUnstructured(u), client.FieldOwner(fieldManager), client.ForceOwnership); err != nil {
			return err
		}
	}
	if err := remove(ctx, c, owner, wanted); err != nil {
		return err
	}
	// Only the newest revision is kept, without the payload that Helm would put in.
	next := 1
	for _, old := range revisions {
		var revision int
		if _, err := fmt.Sscan(old.Labels["version"], &revision); err == nil {
			next = max(next, revision+1)
		}
	}
	if err := c.Create(ctx, &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: owner.GetNamespace(),
			Name:      fmt.Sprintf("sh.helm.release.v1.%s.v%d", owner.GetName(), next),
			Labels:    map[string]string{"owner": "helm", "name": owner.GetName(), "status": "deployed", "version": fmt.Sprint(next)},
		},
		Type: "helm.sh/release.v1",
	}); err != nil {
		return err
	}
	return removeSecrets(ctx, c, revisions)
}

// uninstall plays `helm uninstall`. A chart from elsewhere is fetched once more first.
func uninstall(ctx context.Context, c client.Client, owner *unstructured.Unstructured, s *spec) error {
	if err := s.chart.reach(); err != nil {
		return err
	}
	revisions, err := releaseSecrets(ctx, c, owner)
	if err != nil {
		return err
	}
	if len(revisions) == 0 {
		return fmt.Errorf("uninstall: Release not loaded: %s: release: not found", owner.GetName())
	}
	if err := remove(ctx, c, owner, nil); err != nil {
		return err
	}
	return removeSecrets(ctx, c, revisions)
}

// remove deletes what belongs to the release, except what is to be kept.
func remove(ctx context.Context, c client.Client, owner *unstructured.Unstructured, keep sets.Set[string]) error {
	for _, gvk := range installedKinds {
		list := &unstructured.UnstructuredList{}
		list.SetGroupVersionKind(gvk)
		if err := c.List(ctx, list, client.InNamespace(owner.GetNamespace()), client.MatchingLabels{managedByLabel: "Helm"}); err != nil {
			return err
		}
		for _, u := range list.Items {
			if u.GetAnnotations()[releaseAnnotation] != owner.GetName() || keep.Has(u.GetKind()+"/"+u.GetName()) {
				continue
			}
			if err := c.Delete(ctx, &u, client.PropagationPolicy(metav1.DeletePropagationBackground)); client.IgnoreNotFound(err) != nil {
				return err
			}
		}
	}
	return nil
}

func releaseSecrets(ctx context.Context, c client.Client, owner *unstructured.Unstructured) ([]corev1.Secret, error) {
	list := &corev1.SecretList{}
	err := c.List(ctx, list, client.InNamespace(owner.GetNamespace()), client.MatchingLabels{"owner": "helm", "name": owner.GetName()})
	return list.Items, err
}

func removeSecrets(ctx context.Context, c client.Client, secrets []corev1.Secret) error {
	for _, secret := range secrets {
		if err := client.IgnoreNotFound(c.Delete(ctx, &secret)); err != nil {
			return err
		}
	}
	return nil
}
