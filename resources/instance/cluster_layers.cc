#include "resources/instance/cluster_layers.h"

#include <algorithm>
#include <functional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/parallel.h"
#include "base/status_macros.h"
#include "kube/status.h"
#include "resources/report.h"
#include "wandb/custom_resource.h"
#include "wandb/spec/masked_layer.h"
#include "wandb/spec/release_pin.h"

namespace resources {
namespace {

// Whether `object` belongs to the object with `uid`, or to nobody.
bool OwnedBy(const base::Json& object, const std::string& uid) {
  const base::Json& owners = base::ListAt(object, "/metadata/ownerReferences");
  if (owners.empty()) return true;
  return std::any_of(owners.begin(), owners.end(),
                     [&uid](const base::Json& owner) {
                       return base::StringAt(owner, "/uid") == uid;
                     });
}

// The layer in Secret `name`; with `owner`, only if it belongs to that uid.
absl::StatusOr<std::optional<wandb::SpecLayer>> ReadLayer(
    const base::Context& ctx, kube::Client& client, const std::string& ns,
    const std::string& name, const std::string& owner = "") {
  const auto secret = client.Get(ctx, kube::SecretRef(ns, name));
  if (absl::IsNotFound(secret.status()) ||
      kube::IsNamespaceMissing(secret.status())) {
    return std::nullopt;
  }
  if (!secret.ok()) return secret.status();
  if (!owner.empty() && !OwnedBy(*secret, owner)) return std::nullopt;
  ASSIGN_OR_RETURN(wandb::SpecLayer layer, wandb::ParseSpecSecret(*secret));
  return layer;
}

std::vector<std::string> SecretNames(const InstanceModel& model) {
  const std::string& name = model.name.value();
  std::vector<std::string> names = {wandb::ActiveSecretName(name),
                                    wandb::UserInputSecretName(name)};
  // Unknown in a plan: named to be on the safe side.
  if (model.airgapped.IsUnknown() || !model.airgapped.value()) {
    names.push_back(wandb::CachedReleaseSecretName(name));
  }
  return names;
}

// Whether that there is none is so for the operator, too.
bool KnowsManagedSpec(const LiveLayers& layers) {
  return layers.managed_spec_fault.ok() ||
         (absl::IsInvalidArgument(layers.managed_spec_fault) &&
          kube::HttpCode(layers.managed_spec_fault) == 0);
}

}  // namespace

RecordedLayers LiveLayers::Recorded(const wandb::Mask& mask) const {
  RecordedLayers out;
  if (user_input.has_value()) {
    out.user_input = wandb::MaskedLayer(*user_input, mask);
    // No secret: who may ask the channel decides what a release gives.
    if (const auto pin = wandb::PinnedRelease(user_input->values)) {
      out.user_input->values[wandb::kPinKey] = *pin;
    }
  }
  if (channel.has_value()) out.channel = wandb::MaskedLayer(*channel, mask);
  if (managed_spec.has_value()) {
    out.managed_spec = wandb::MaskedLayer(*managed_spec, mask);
  }
  out.takes_managed_spec = takes_managed_spec;
  out.managed_spec_unread = !KnowsManagedSpec(*this);
  return out;
}

void LiveLayers::RecordIn(RecordedLayers& recorded,
                          const wandb::Mask& mask) const {
  RecordedLayers fresh = Recorded(mask);
  recorded.user_input = std::move(fresh.user_input);
  recorded.user_input_fault.clear();
  if (channel_fault.ok()) recorded.channel = std::move(fresh.channel);
  recorded.takes_managed_spec = fresh.takes_managed_spec;
  recorded.managed_spec_unread = fresh.managed_spec_unread;
  if (!fresh.managed_spec_unread) {
    recorded.managed_spec = std::move(fresh.managed_spec);
  }
}

bool LiveLayers::KnowBase() const {
  return managed_spec.has_value() ||
         (KnowsManagedSpec(*this) && channel_fault.ok());
}

absl::Status ReadManagedSpec(const base::Context& ctx, kube::Client& client,
                             const InstanceModel& model, LiveLayers& layers) {
  layers.takes_managed_spec = true;
  layers.managed_spec.reset();
  layers.managed_spec_fault = absl::OkStatus();
  const auto live = client.Get(
      ctx, kube::ConfigMapRef(model.ns.value(), wandb::kManagedSpecConfigMap));
  if (absl::IsNotFound(live.status()) ||
      kube::IsNamespaceMissing(live.status())) {
    return absl::OkStatus();
  }
  if (absl::IsPermissionDenied(live.status())) {
    layers.managed_spec_fault = live.status();
    return absl::OkStatus();
  }
  RETURN_IF_ERROR(live.status());
  auto layer = wandb::ParseManagedSpec(*live);
  if (layer.ok()) {
    layers.managed_spec = *std::move(layer);
  } else {
    layers.managed_spec_fault = layer.status();
  }
  return absl::OkStatus();
}

absl::StatusOr<LiveLayers> ReadLiveLayers(const base::Context& ctx,
                                          kube::Client& client,
                                          const InstanceModel& model,
                                          bool takes_managed_spec) {
  const std::string& ns = model.ns.value();
  const std::string& name = model.name.value();
  absl::StatusOr<std::optional<wandb::SpecLayer>> user_input, channel;
  std::vector<std::function<void()>> reads = {[&] {
    user_input = ReadLayer(ctx, client, ns, wandb::UserInputSecretName(name));
  }};
  const bool airgapped = model.airgapped.value();
  if (!airgapped) {
    reads.emplace_back([&] {
      channel =
          ReadLayer(ctx, client, ns, wandb::CachedReleaseSecretName(name));
    });
  }
  LiveLayers layers;
  absl::Status managed;
  if (takes_managed_spec) {
    reads.emplace_back(
        [&] { managed = ReadManagedSpec(ctx, client, model, layers); });
  }
  base::RunInParallel(reads);
  RETURN_IF_ERROR(managed);
  ASSIGN_OR_RETURN(layers.user_input, std::move(user_input));
  if (!airgapped) {
    if (IsBrokenContent(channel.status())) {
      layers.channel_fault = channel.status();
    } else {
      ASSIGN_OR_RETURN(layers.channel, std::move(channel));
    }
  }
  return layers;
}

bool IsBrokenContent(const absl::Status& status) {
  return (absl::IsInvalidArgument(status) ||
          absl::IsResourceExhausted(status)) &&
         kube::HttpCode(status) == 0;
}

absl::StatusOr<std::optional<wandb::SpecLayer>> ReadActiveSpec(
    const base::Context& ctx, kube::Client& client, const InstanceModel& model,
    const std::string& uid) {
  return ReadLayer(ctx, client, model.ns.value(),
                   wandb::ActiveSecretName(model.name.value()), uid);
}

std::vector<std::string> SecretsOfAll(
    const base::Json& live, const LiveLayers& layers,
    const std::optional<wandb::SpecLayer>& active, const wandb::Mask& mask) {
  std::vector<std::string> secrets =
      wandb::SecretsOf(wandb::CustomResourceLayer(live), mask);
  for (const auto* layer :
       {&layers.user_input, &layers.channel, &layers.managed_spec, &active}) {
    if (!layer->has_value()) continue;
    const auto more = wandb::SecretsOf(**layer, mask);
    secrets.insert(secrets.end(), more.begin(), more.end());
  }
  return secrets;
}

void LearnAll(const base::Context& ctx, kube::Client& client,
              const Desired& desired, wandb::Scrubber& scrubber) {
  const auto live = client.Get(ctx, desired.ref());
  if (!live.ok()) return;
  const auto layers = ReadLiveLayers(ctx, client, desired.model, true);
  const auto active =
      ReadActiveSpec(ctx, client, desired.model, kube::UidOf(*live));
  scrubber.Add(SecretsOfAll(*live, layers.ok() ? *layers : LiveLayers(),
                            active.ok() ? *active : std::nullopt,
                            desired.compiled.mask));
}

std::string SecretsRule(const InstanceModel& model) {
  return RuleText(
      {.verb = "get", .resource = "secrets", .ns = model.ns.value()},
      SecretNames(model));
}

std::string ManagedSpecRule(const InstanceModel& model) {
  return RuleText(
      {.verb = "get", .resource = "configmaps", .ns = model.ns.value()},
      {wandb::kManagedSpecConfigMap});
}

std::string WaitRules(const InstanceModel& model) {
  return absl::StrCat(
      "These rules of a Role in namespace \"", model.ns.value(),
      "\" grant all that the wait reads:\n"
      "  {apiGroups: [\"apps.wandb.com\"], resources: [weightsandbiases], "
      "verbs: [get, list, watch]}\n"
      "  {apiGroups: [\"\"], resources: [secrets], resourceNames: [",
      absl::StrJoin(SecretNames(model), ", "),
      "], verbs: [get]}\n"
      "  {apiGroups: [\"apps\"], resources: [deployments, statefulsets, "
      "daemonsets], verbs: [list, watch]}\n"
      "  {apiGroups: [\"\"], resources: [pods, events], verbs: [list]}\n"
      "With these a failure says more:\n"
      "  {apiGroups: [\"\"], resources: [pods/log, persistentvolumeclaims], "
      "verbs: [get]}\n"
      "  {apiGroups: [\"batch\"], resources: [jobs], verbs: [list]}\n"
      "and in a ClusterRole {apiGroups: [\"storage.k8s.io\"], resources: "
      "[storageclasses], verbs: [list]}");
}

std::vector<std::string> MissingRights(const InstanceModel& model,
                                       const kube::OwnRules& rules) {
  const std::string& ns = model.ns.value();
  std::vector<std::string> lines;
  const auto check = [&](const std::string& group, const std::string& resource,
                         const std::string& name,
                         const std::vector<std::string>& verbs) {
    std::vector<std::string> missing;
    for (const std::string& verb : verbs) {
      const bool given = rules.Give({verb, group, resource, ns, name});
      if (!given) missing.push_back(verb);
    }
    if (missing.empty()) return;
    lines.push_back(absl::StrCat(
        absl::StrJoin(missing, ", "), " ", resource, group.empty() ? "" : ".",
        group, name.empty() ? "" : absl::StrCat(" \"", name, "\""),
        " in namespace \"", ns, "\""));
  };
  const kube::ObjectRef ref = CustomResourceRef(model);
  // A rule for one name says nothing of a create, a list or a watch.
  check(ref.group, ref.resource, ref.name, {"get", "patch"});
  check(ref.group, ref.resource, "", {"create", "list", "watch"});
  for (const std::string& name : SecretNames(model)) {
    check("", "secrets", name, {"get"});
  }
  if (!model.release_id.IsNull()) {
    check("", "secrets", wandb::UserInputSecretName(model.name.value()),
          {"patch"});
    check("", "secrets", "", {"create"});
  }
  for (const char* kind : {"deployments", "statefulsets", "daemonsets"}) {
    check("apps", kind, "", {"list", "watch"});
  }
  for (const char* kind : {"pods", "events"}) check("", kind, "", {"list"});
  return lines;
}

wandb::EffectiveSpec ExpectedSpec(const Desired& desired,
                                  const base::Json& custom_resource,
                                  const LiveLayers& layers) {
  return EffectiveOfLive(desired, custom_resource,
                         {.user_input = layers.user_input,
                          .channel = layers.channel,
                          .managed_spec = layers.managed_spec});
}

}  // namespace resources
