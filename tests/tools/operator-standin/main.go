// Operator-standin plays the W&B operator in a test cluster. It behaves like the pod of the
// operator's Deployment: it works only while such a Deployment is available and the custom
// resource is defined, and with the settings that this Deployment gives it.
package main

import (
	"context"
	"flag"
	"os"
	"os/signal"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/go-logr/logr"
	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	toolscache "k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/klog/v2"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/config"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"
	"sigs.k8s.io/controller-runtime/pkg/metrics/server"
)

const crdName = "weightsandbiases.apps.wandb.com"

var (
	crdKind        = schema.GroupVersionKind{Group: "apiextensions.k8s.io", Version: "v1", Kind: "CustomResourceDefinition"}
	operatorLabels = client.MatchingLabels{"control-plane": "controller-manager"}
)

// settings are what the operator's pod would know; nil means that there is no such pod, or that it
// has nothing to watch.
type settings struct {
	crdUID         string // a definition made anew needs new watches
	namespace      string
	serviceAccount string
	airgap         bool
	managed        bool
	isolation      []string
}

type standin struct {
	config    *rest.Config
	cache     cache.Cache
	channel   string
	asAccount bool
	log       logr.Logger
}

func main() {
	s := &standin{log: zap.New()}
	var kubeconfig string
	flags := flag.NewFlagSet(os.Args[0], flag.ExitOnError)
	flags.StringVar(&kubeconfig, "kubeconfig", os.Getenv("KUBECONFIG"), "credentials for the cluster")
	flags.StringVar(&s.channel, "channel", "", "`file` with the release channel's answer; without it the channel is unreachable")
	flags.BoolVar(&s.asAccount, "as-service-account", false, "act with the rights of the operator's ServiceAccount")
	_ = flags.Parse(os.Args[1:]) // it exits on errors
	ctrl.SetLogger(s.log)
	klog.SetLogger(s.log)
	ctx, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer cancel()
	var err error
	if s.config, err = clientcmd.BuildConfigFromFlags("", kubeconfig); err == nil {
		s.config.QPS = -1 // no limit
		err = s.run(ctx)
	}
	if err != nil {
		s.log.Error(err, "can't go on")
		os.Exit(1)
	}
}

// run starts and stops the manager as the definition and the Deployment come and go.
func (s *standin) run(ctx context.Context) error {
	crd := &unstructured.Unstructured{}
	crd.SetGroupVersionKind(crdKind)
	deployment := &appsv1.Deployment{}
	var err error
	s.cache, err = cache.New(s.config, cache.Options{Scheme: scheme.Scheme, ByObject: map[client.Object]cache.ByObject{
		crd:        {Field: fields.OneTermEqualSelector("metadata.name", crdName)},
		deployment: {Label: labels.SelectorFromSet(labels.Set(operatorLabels))},
	}})
	if err != nil {
		return err
	}
	changed := make(chan struct{}, 1)
	notify := func() {
		select {
		case changed <- struct{}{}:
		default: // one is pending already
		}
	}
	for _, kind := range []client.Object{crd, deployment} {
		informer, err := s.cache.GetInformer(ctx, kind, cache.BlockUntilSynced(false))
		if err != nil {
			return err
		}
		if _, err := informer.AddEventHandler(toolscache.ResourceEventHandlerFuncs{
			AddFunc:    func(any) { notify() },
			UpdateFunc: func(any, any) { notify() },
			DeleteFunc: func(any) { notify() },
		}); err != nil {
			return err
		}
	}
	failed := make(chan error, 1)
	go func() { failed <- s.cache.Start(ctx) }()
	if !s.cache.WaitForCacheSync(ctx) {
		return context.Cause(ctx)
	}

	var current *settings
	stop := func() {}
	defer func() { stop() }()
	for {
		wanted, err := s.observe(ctx)
		if err != nil {
			return err
		}
		if !reflect.DeepEqual(wanted, current) {
			stop()
			stop = func() {}
			if wanted != nil {
				stop = s.start(ctx, wanted)
			}
			current = wanted
		}
		select {
		case <-ctx.Done():
			return nil
		case err := <-failed:
			return err
		case <-changed:
		}
	}
}

// observe derives the settings from the cluster.
func (s *standin) observe(ctx context.Context) (*settings, error) {
	crds := &unstructured.UnstructuredList{}
	crds.SetGroupVersionKind(crdKind)
	if err := s.cache.List(ctx, crds); err != nil {
		return nil, err
	}
	crd := slices.IndexFunc(crds.Items, established)
	deployments := &appsv1.DeploymentList{}
	if err := s.cache.List(ctx, deployments); err != nil {
		return nil, err
	}
	available := func(d appsv1.Deployment) bool { return d.Status.AvailableReplicas > 0 }
	if i := slices.IndexFunc(deployments.Items, available); i >= 0 && crd >= 0 {
		return settingsOf(&deployments.Items[i], string(crds.Items[crd].GetUID())), nil
	}
	return nil, nil
}

func established(crd unstructured.Unstructured) bool {
	conditions, _, _ := unstructured.NestedSlice(crd.Object, "status", "conditions")
	return crd.GetDeletionTimestamp().IsZero() && slices.ContainsFunc(conditions, func(c any) bool {
		condition, _ := c.(object)
		return condition["type"] == "Established" && condition["status"] == "True"
	})
}

// settingsOf reads what matters from the first container. Each flag can be set by a variable of
// the environment, too, but the flag counts more.
func settingsOf(d *appsv1.Deployment, crdUID string) *settings {
	pod := d.Spec.Template.Spec
	get := func(flag string) string {
		if len(pod.Containers) == 0 {
			return ""
		}
		container, value := pod.Containers[0], ""
		variable := strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
		for _, env := range container.Env {
			if env.Name == variable {
				value = env.Value // of two with one name the last counts
			}
		}
		for i, arg := range container.Args {
			name, given, hasValue := strings.Cut(strings.TrimLeft(arg, "-"), "=")
			switch {
			case name != flag || !strings.HasPrefix(arg, "-"):
			case hasValue:
				value = given
			case flag == "airgapped" || flag == "managed-spec-enabled": // they take no separate value
				value = "true"
			case i+1 < len(container.Args):
				value = container.Args[i+1]
			}
		}
		return value
	}
	s := &settings{crdUID: crdUID, namespace: "wandb", serviceAccount: "default"}
	if namespace := get("operator-namespace"); namespace != "" {
		s.namespace = namespace
	}
	if pod.ServiceAccountName != "" {
		s.serviceAccount = pod.ServiceAccountName
	}
	s.serviceAccount = "system:serviceaccount:" + d.Namespace + ":" + s.serviceAccount
	s.airgap, _ = strconv.ParseBool(get("airgapped")) // a bad value is dropped silently
	s.managed, _ = strconv.ParseBool(get("managed-spec-enabled"))
	if isolation := get("isolation-namespaces"); isolation != "" {
		s.isolation = strings.Split(isolation, ",")
	}
	return s
}

// start runs a manager until the returned function is called, which waits for its end.
func (s *standin) start(ctx context.Context, with *settings) func() {
	s.log.Info("operator starts", "settings", *with)
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			err := s.manage(ctx, with)
			if ctx.Err() != nil {
				return
			}
			// As a restarted container: with a pause, for whatever is missing to appear.
			s.log.Error(err, "operator ended; starting it again")
			select {
			case <-ctx.Done():
				return
			case <-time.After(200 * time.Millisecond):
			}
		}
	}()
	return func() {
		cancel()
		<-ended
		s.log.Info("operator stopped")
	}
}

func (s *standin) manage(ctx context.Context, with *settings) error {
	restConfig := rest.CopyConfig(s.config)
	if s.asAccount {
		restConfig.Impersonate.UserName = with.serviceAccount
	}
	namespaces := map[string]cache.Config{}
	for _, namespace := range with.isolation {
		namespaces[namespace] = cache.Config{}
	}
	yes, patience := true, time.Second
	m, err := ctrl.NewManager(restConfig, ctrl.Options{
		Scheme:  scheme.Scheme,
		Cache:   cache.Options{DefaultNamespaces: namespaces},
		Metrics: server.Options{BindAddress: "0"},
		// There may have been a manager before this one.
		Controller:              config.Controller{SkipNameValidation: &yes},
		GracefulShutdownTimeout: &patience,
		NewClient: func(config *rest.Config, options client.Options) (client.Client, error) {
			options.Cache = nil
			options.FieldOwner = fieldManager
			return client.New(config, options)
		},
	})
	if err != nil {
		return err
	}
	r := &reconciler{
		Client: m.GetClient(),
		// The operator writes core Events; the newer recorder would write another kind.
		events:  m.GetEventRecorderFor("weightsandbiases"),
		airgap:  with.airgap,
		managed: with.managed,
		operNS:  with.namespace,
		channel: s.channel,
	}
	if err := r.setup(m); err != nil {
		return err
	}
	return m.Start(ctx)
}
