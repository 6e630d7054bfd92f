package main

import (
	"context"
	"encoding/json"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/tools/record"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
)

const (
	apiVersion   = "apps.wandb.com/v1"
	finalizer    = "finalizer.app.wandb.com"
	fieldManager = "manager" // the name of the operator's binary

	phaseLoading   = "Loading"
	phaseInvalid   = "Invalid Config"
	phaseCompleted = "Completed"

	userSecret   = "-spec-user"
	activeSecret = "-spec-active"
	cachedSecret = "-latest-cached-release"
	managedSpec  = "wandb-spec-managed"
)

var resourceKind = schema.GroupVersionKind{Group: "apps.wandb.com", Version: "v1", Kind: "WeightsAndBiases"}

// reconciler plays the operator. It reads from the API server, never from a cache.
type reconciler struct {
	client.Client
	events  record.EventRecorder
	airgap  bool
	managed bool // takes managed specs, as managers newer than 1.22.0 may
	operNS  string
	channel string
}

func newResource() *unstructured.Unstructured {
	u := &unstructured.Unstructured{}
	u.SetGroupVersionKind(resourceKind)
	return u
}

// setup has the operator's triggers: a resource that was created, deleted or changed in its spec,
// and a Secret of a resource that was changed or deleted, but not created; and, if it takes them,
// a managed spec.
func (r *reconciler) setup(m ctrl.Manager) error {
	secrets := predicate.Funcs{CreateFunc: func(event.CreateEvent) bool { return false }}
	controller := ctrl.NewControllerManagedBy(m).
		Named("weightsandbiases").
		For(newResource(), builder.WithPredicates(predicate.GenerationChangedPredicate{})).
		Owns(&corev1.Secret{}, builder.WithPredicates(secrets))
	if r.managed {
		named := predicate.NewPredicateFuncs(func(o client.Object) bool { return o.GetName() == managedSpec })
		controller.Watches(&corev1.ConfigMap{}, handler.EnqueueRequestsFromMapFunc(r.neighbours), builder.WithPredicates(named))
	}
	return controller.Complete(r)
}

// neighbours are the resources in the namespace of o.
func (r *reconciler) neighbours(ctx context.Context, o client.Object) []ctrl.Request {
	list := &unstructured.UnstructuredList{}
	list.SetGroupVersionKind(resourceKind)
	if err := r.List(ctx, list, client.InNamespace(o.GetNamespace())); err != nil {
		log.FromContext(ctx).Error(err, "listing resources")
	}
	var requests []ctrl.Request
	for _, cr := range list.Items {
		requests = append(requests, ctrl.Request{NamespacedName: client.ObjectKeyFromObject(&cr)})
	}
	return requests
}

func (r *reconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	cr := newResource()
	if err := r.Get(ctx, request.NamespacedName, cr); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	r.emit(cr, "Reconciling", "Reconciling")
	r.emit(cr, "LoadingConfig", "Loading desired configuration")

	user, err := readSpec(ctx, r, cr.GetNamespace(), cr.GetName()+userSecret)
	if apierrors.IsNotFound(err) {
		user = &spec{values: map[string]any{}}
		err = writeSpec(ctx, r, cr, cr.GetName()+userSecret, user)
	}
	if err != nil {
		return ctrl.Result{}, err
	}
	own, err := ownSpec(cr)
	if err != nil {
		return ctrl.Result{}, err
	}
	active, err := readSpec(ctx, r, cr.GetNamespace(), cr.GetName()+activeSecret)
	if err != nil {
		active = nil // nothing was applied yet, or nobody can tell what
	}
	var release *spec
	if !r.airgap {
		if release, err = r.release(ctx, cr, lookup(user.values, "", "_releaseId")); err != nil {
			r.emit(cr, "SecretWriteFailed", "Failed to write the release to its secret")
			log.FromContext(ctx).Error(err, "caching the release")
			return ctrl.Result{}, nil
		}
	}
	if r.managed {
		if managed, err := readManaged(ctx, r, cr.GetNamespace()); err == nil {
			release = managed
		} else if !apierrors.IsNotFound(err) {
			log.FromContext(ctx).Error(err, "Unable to use managed spec; falling back to Deployer")
		}
	}
	defaults := &spec{values: object{"global": object{"operator": object{
		"apiVersion": apiVersion, "namespace": r.operNS,
	}}}}
	desired, err := mergeSpecs(own, user, release, defaults)
	if err != nil {
		return ctrl.Result{}, err
	}

	if !cr.GetDeletionTimestamp().IsZero() {
		return r.finalize(ctx, cr, desired)
	}
	later := ctrl.Result{RequeueAfter: frequency(desired.values)}
	if active != nil && active.equal(desired) {
		return later, r.setPhase(ctx, cr, phaseCompleted)
	}
	if desired.chart == nil {
		return later, r.setPhase(ctx, cr, phaseInvalid)
	}
	if err := r.setPhase(ctx, cr, phaseLoading); err != nil {
		return ctrl.Result{}, err
	}
	if controllerutil.AddFinalizer(cr, finalizer) {
		if err := r.update(ctx, cr); err != nil {
			return ctrl.Result{}, err
		}
	}
	if err := install(ctx, r, cr, desired); err != nil {
		// Only the log has the reason.
		log.FromContext(ctx).Error(err, "apply failed")
		r.emit(cr, "ApplyFailed", "Invalid config for apply")
		return later, r.setPhase(ctx, cr, phaseInvalid)
	}
	// The stored chart has defaults that the desired one lacks, so a chart with credentials is
	// installed anew at each reconcile, as by the operator.
	desired.chart = desired.chart.withDefaults()
	if err := writeSpec(ctx, r, cr, cr.GetName()+activeSecret, desired); err != nil {
		log.FromContext(ctx).Error(err, "writing the active spec")
		r.emit(cr, "SetActiveFailed", "Failed to save active config")
		return later, r.setPhase(ctx, cr, phaseInvalid)
	}
	r.emit(cr, "Completed", "Completed reconcile successfully")
	return later, r.setPhase(ctx, cr, phaseCompleted)
}

// finalize runs only once everything could be read and merged, which is why a broken
// configuration blocks deletion. Without a chart in any layer nothing is uninstalled.
func (r *reconciler) finalize(ctx context.Context, cr *unstructured.Unstructured, desired *spec) (ctrl.Result, error) {
	if !controllerutil.ContainsFinalizer(cr, finalizer) {
		return ctrl.Result{}, nil
	}
	if desired.chart != nil {
		if err := uninstall(ctx, r, cr, desired); err != nil {
			log.FromContext(ctx).Error(err, "uninstall failed")
			return ctrl.Result{RequeueAfter: time.Minute}, nil
		}
	}
	controllerutil.RemoveFinalizer(cr, finalizer)
	return ctrl.Result{}, client.IgnoreNotFound(r.Update(ctx, cr))
}

// release asks the channel, or the cache if that fails; neither may have anything. An error means
// that the cache couldn't be written.
func (r *reconciler) release(ctx context.Context, cr *unstructured.Unstructured, pinned string) (*spec, error) {
	name := cr.GetName() + cachedSecret
	release, err := readChannel(r.channel, pinned)
	if err != nil {
		log.FromContext(ctx).Error(err, "release channel")
		if release, err = readSpec(ctx, r, cr.GetNamespace(), name); err != nil {
			return nil, nil
		}
	}
	return release, writeSpec(ctx, r, cr, name, release)
}

// ownSpec is the layer of the resource itself, with all numbers as float64.
func ownSpec(cr *unstructured.Unstructured) (*spec, error) {
	text, err := json.Marshal(cr.Object["spec"])
	if err != nil {
		return nil, err
	}
	var d document
	err = json.Unmarshal(text, &d)
	return d.spec(), err
}

// update writes the whole resource as the operator does: its type decodes the spec with numbers as
// float64, so large integers come back changed, and an absent chart is sent as null.
func (r *reconciler) update(ctx context.Context, cr *unstructured.Unstructured) error {
	text, err := json.Marshal(cr.Object["spec"])
	if err != nil {
		return err
	}
	decoded := object{"chart": nil, "values": nil}
	if err := json.Unmarshal(text, &decoded); err != nil {
		return err
	}
	cr.Object["spec"] = decoded
	return r.Update(ctx, cr)
}

func (r *reconciler) setPhase(ctx context.Context, cr *unstructured.Unstructured, phase string) error {
	if now, _, _ := unstructured.NestedString(cr.Object, "status", "phase"); now == phase {
		return nil
	}
	if err := unstructured.SetNestedField(cr.Object, phase, "status", "phase"); err != nil {
		return err
	}
	return r.Status().Update(ctx, cr)
}

func (r *reconciler) emit(cr *unstructured.Unstructured, reason, message string) {
	r.events.Event(cr, corev1.EventTypeNormal, reason, message)
}

// frequency is how long until the next look at the release channel.
func frequency(values map[string]any) time.Duration {
	d, err := time.ParseDuration(lookup(values, "", "reconcileFrequency"))
	if err != nil || d <= 0 {
		return time.Hour
	}
	return d
}
