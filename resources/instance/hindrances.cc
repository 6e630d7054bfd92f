#include "resources/instance/hindrances.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "kube/object_ref.h"

namespace resources {
namespace {

using base::Json;
using Kind = kube::Hindrance::Kind;

// A look asks once or twice for each workload that is not rolled out.
constexpr int kLooksApart = 3;

struct Words {
  const char* summary;
  const char* advice;
};

Words WordsOf(Kind kind) {
  switch (kind) {
    case Kind::kImageName:
      return {
          "the name of an image is invalid",
          "Correct the image's registry, repository and tag in this "
          "configuration or in the layer that gives them, and apply again."};
    case Kind::kConfiguration:
      return {"a Secret or ConfigMap that it needs is missing",
              "Create what is missing, with that key, in the namespace of the "
              "instance, or correct the reference to it."};
    case Kind::kRefused:
      return {
          "the API server refuses its pods",
          "If a quota is used up, raise it or ask for less; else allow what "
          "the message names."};
    case Kind::kStorageClass:
      break;
  }
  return {"a volume claim has no StorageClass",
          "Make a StorageClass the default one, or name one in the values of "
          "this component; a claim that exists already keeps what it has: "
          "delete it then."};
}

}  // namespace

bool StandingHindrances::IsDue() const {
  return absl::Now() - looked_ >= kLooksApart * patience_.look_again;
}

std::optional<StandingHindrance> StandingHindrances::Look(
    const base::Context& ctx, const std::vector<Json>& unready) {
  const absl::Time now = looked_ = absl::Now();
  std::map<std::pair<Kind, std::string>, absl::Time> since;
  std::optional<StandingHindrance> standing;
  for (const Json& workload : unready) {
    for (const kube::Hindrance& found :
         kube::FindHindrances(ctx, client_, workload)) {
      const std::pair<Kind, std::string> key = {found.kind, found.object};
      const auto before = since_.find(key);
      const absl::Time start = before == since_.end() ? now : before->second;
      since[key] = start;
      const absl::Duration grace = found.kind == Kind::kImageName
                                       ? patience_.with_bad_image
                                       : patience_.with_something_missing;
      if (standing.has_value() || now - start < grace) continue;
      const Words words = WordsOf(found.kind);
      standing = {
          words.summary,
          absl::StrCat(found.object, " of ", kube::KindOf(workload), " \"",
                       kube::NameOf(workload), "\": ", found.text,
                       "\nThat does not go by itself. ", words.advice)};
    }
  }
  since_ = std::move(since);
  return standing;
}

}  // namespace resources
