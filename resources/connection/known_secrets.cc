#include "resources/connection/known_secrets.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/go_json.h"
#include "base/secret_names.h"
#include "kube/object_ref.h"
#include "wandb/custom_resource.h"
#include "wandb/spec/masked_layer.h"
#include "wandb/spec/spec.h"

namespace resources {
namespace {

using base::Json;

// No message quotes longer ones as a whole; their lines are known, too.
constexpr size_t kLongest = size_t{64} << 10;
// Of what only its place makes a secret: names of users and databases are in
// Secrets, too, and in every message.
constexpr size_t kShortestData = 8;
// Such long ones are no words, even if they look it.
constexpr size_t kLongestWord = 16;

constexpr char kLastApplied[] =
    "/metadata/annotations/kubectl.kubernetes.io~1last-applied-configuration";

bool IsDistinctive(const std::string& secret) {
  if (secret.size() < kShortestData) return false;
  return secret.size() >= kLongestWord ||
         !std::all_of(secret.begin(), secret.end(), [](char c) {
           return absl::ascii_islower(static_cast<unsigned char>(c)) ||
                  absl::StrContains("-_./", c);
         });
}

void Append(std::vector<std::string> more, std::vector<std::string>& secrets) {
  std::move(more.begin(), more.end(), std::back_inserter(secrets));
}

std::vector<std::string> SecretsOfCustomResource(const Json& object,
                                                 const wandb::Mask& mask) {
  std::vector<std::string> secrets =
      wandb::SecretsOf(wandb::CustomResourceLayer(object), mask);
  if (const auto text = base::StringAt(object, kLastApplied)) {
    const auto applied = base::ParseJson(*text, "annotation");
    if (applied.ok()) {
      Append(wandb::SecretsOf(wandb::CustomResourceLayer(*applied), mask),
             secrets);
    }
  }
  return secrets;
}

std::vector<std::string> SecretsOfSecret(const Json& object,
                                         const wandb::Mask& mask) {
  std::vector<std::string> secrets;
  // Compressed, and larger than all else.
  if (base::StringAt(object, "/type") == "helm.sh/release.v1") return secrets;
  const Json* data = base::Find(object, "/data");
  if (data == nullptr || !data->is_object()) return secrets;
  wandb::SpecLayer layer;
  for (const auto& [key, encoded] : data->items()) {
    const auto* base64 = encoded.get_ptr<const std::string*>();
    std::string text;
    if (base64 == nullptr || !absl::Base64Unescape(*base64, &text)) continue;
    // The operator's own have the values of a layer as JSON.
    const auto json = base::ParseGoJson(text, key);
    if (json.ok() && (json->is_object() || json->is_array())) {
      (key == "chart"      ? layer.chart
       : key == "metadata" ? layer.metadata
                           : layer.values) = *json;
      Append(wandb::SecretsOf(layer, mask), secrets);
      layer = {};
    } else if (text.size() >= kShortestData || base::LooksSecret(key)) {
      Append(wandb::PartsOfSecret(text), secrets);
    }
  }
  return secrets;
}

}  // namespace

void KnownSecrets::Add(const std::vector<std::string>& secrets) {
  absl::MutexLock lock(&mutex_);
  for (const std::string& secret : secrets) {
    if (secret.empty() || secret.size() > kLongest) continue;
    if (secrets_.insert(secret).second) fresh_.push_back(secret);
  }
}

void KnownSecrets::Learn(const Json& object, const wandb::Mask& mask) {
  const std::string kind = kube::KindOf(object);
  if (kind == wandb::kKind) Add(SecretsOfCustomResource(object, mask));
  if (kind == "Secret") Add(SecretsOfSecret(object, mask));
}

std::shared_ptr<const KnownSecrets::Redactors> KnownSecrets::Current() const {
  absl::MutexLock lock(&mutex_);
  if (!fresh_.empty()) {
    auto redactors = std::make_shared<Redactors>(*redactors_);
    redactors->all.Add(fresh_);
    fresh_.erase(std::remove_if(fresh_.begin(), fresh_.end(),
                                [](const std::string& secret) {
                                  return !IsDistinctive(secret);
                                }),
                 fresh_.end());
    redactors->distinctive.Add(fresh_);
    fresh_.clear();
    redactors_ = std::move(redactors);
  }
  return redactors_;
}

std::string KnownSecrets::Redact(absl::string_view text) const {
  return Current()->all.Redact(text);
}

std::string KnownSecrets::Hide(absl::string_view text) const {
  return Current()->distinctive.HideKnown(text);
}

}  // namespace resources
