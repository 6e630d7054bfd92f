#include "resources/operator/changes.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "base/redact.h"
#include "base/secret_names.h"
#include "base/utf8.h"
#include "kube/managed_fields.h"
#include "wandb/operator/settings.h"

namespace resources {
namespace {

using base::Json;

constexpr size_t kShownPaths = 5;
constexpr size_t kShownBytes = 60;

std::string Short(const Json& value) {
  const std::string text =
      value.is_string() ? value.get<std::string>() : base::DumpJson(value);
  if (text.size() <= kShownBytes) return base::DumpJson(value);
  // Of what is cut off, nothing sees any more that it was a credential.
  const std::string shown =
      base::ValidUtf8(base::HideCredentials(text).substr(0, kShownBytes));
  return base::DumpJson(Json(absl::StrCat(shown, "...")));
}

// As a number of thousandths; nullopt for what is none in that unit.
std::optional<double> MilliUnits(const Json& value) {
  if (value.is_number()) return value.get<double>() * 1000;
  if (!value.is_string()) return std::nullopt;
  std::string text = value.get<std::string>();
  const bool milli = !text.empty() && text.back() == 'm';
  if (milli) text.pop_back();
  double number = 0;
  if (!absl::SimpleAtod(text, &number)) return std::nullopt;
  return milli ? number : number * 1000;
}

bool SameValue(const Json& a, const Json& b) {
  if (a == b) return true;
  const auto number = MilliUnits(a);
  return number.has_value() && number == MilliUnits(b);
}

std::string Step(const Json& element, size_t index) {
  const auto name = base::StringAt(element, "/name");
  return name.has_value() ? absl::StrCat("[name=\"", *name, "\"]")
                          : absl::StrCat("[", index, "]");
}

struct Difference {
  std::string path;
  std::string text;  // `1 -> 0`
};

bool IsCertificate(const Json& value) {
  return absl::StrContains(base::DumpJson(value), "-----BEGIN");
}

// Compares two objects, and remembers whether it is where a secret may be.
class Comparison {
 public:
  void Compare(const Json& wanted, const Json& live, const std::string& path,
               bool hidden);
  std::vector<Difference> found;

 private:
  void CompareLists(const Json& wanted, const Json& live,
                    const std::string& path, bool hidden);
  void Add(const Json& wanted, const Json& live, const std::string& path,
           bool hidden);
};

void Comparison::Add(const Json& wanted, const Json& live,
                     const std::string& path, bool hidden) {
  if (SameValue(wanted, live)) return;
  std::string text;
  if (live.is_null()) {
    text = "removed";
  } else if (hidden || IsCertificate(wanted) || IsCertificate(live)) {
    text = "changed";
  } else {
    text = absl::StrCat(wanted.is_null() ? "nothing" : Short(wanted), " -> ",
                        Short(live));
  }
  found.push_back({path, std::move(text)});
}

void Comparison::CompareLists(const Json& wanted, const Json& live,
                              const std::string& path, bool hidden) {
  if (wanted.size() != live.size()) {
    found.push_back(
        {path, absl::StrCat(wanted.size(), " -> ", live.size(), " elements")});
    return;
  }
  for (size_t i = 0; i < wanted.size(); ++i) {
    // A variable of the environment is named beside its value.
    const bool secret =
        hidden ||
        base::LooksSecret(base::StringAt(wanted[i], "/name").value_or(""));
    Compare(wanted[i], live[i], absl::StrCat(path, Step(wanted[i], i)), secret);
  }
}

void Comparison::Compare(const Json& wanted, const Json& live,
                         const std::string& path, bool hidden) {
  if (wanted.is_array() && live.is_array()) {
    return CompareLists(wanted, live, path, hidden);
  }
  if (!wanted.is_object() || !live.is_object()) {
    return Add(wanted, live, path, hidden);
  }
  for (const auto& [key, value] : wanted.items()) {
    const auto it = live.find(key);
    // What a ConfigMap holds.
    const bool data = path.empty() && absl::EndsWithIgnoreCase(key, "data") &&
                      key != "metadata";
    Compare(value, it == live.end() ? Json() : *it,
            absl::StrCat(path, kube::FormatKeyPath({key})),
            hidden || data || base::LooksSecret(key));
  }
}

// Whether it is about what a container runs, and as whom.
bool SaysWhatRuns(const Difference& difference) {
  for (const char* key :
       {".image", ".command", ".args", ".env", ".securityContext"}) {
    const size_t at = difference.path.find(key);
    if (at == std::string::npos) continue;
    const size_t end = at + std::strlen(key);
    // Of `.imagePullPolicy` it is only the beginning.
    if (end == difference.path.size() || difference.path[end] == '.' ||
        difference.path[end] == '[') {
      return true;
    }
  }
  return false;
}

std::string WithoutDot(const std::string& path) {
  return std::string(absl::StripPrefix(path, "."));
}

}  // namespace

std::string Differences(const Json& wanted, const Json& live) {
  Comparison comparison;
  comparison.Compare(wanted, live, "", false);
  std::vector<Difference>& found = comparison.found;
  std::stable_partition(found.begin(), found.end(), SaysWhatRuns);
  std::vector<std::string> lines;
  for (const Difference& each : found) {
    lines.push_back(absl::StrCat(WithoutDot(each.path), " ", each.text));
  }
  const size_t more =
      lines.size() > kShownPaths ? lines.size() - kShownPaths : 0;
  lines.resize(lines.size() - more);
  return absl::StrCat(absl::StrJoin(lines, "; "),
                      more > 0 ? absl::StrCat("; and ", more, " more") : "");
}

std::string OwnerRemoved() {
  return absl::StrCat(
      WithoutDot(kube::FormatKeyPath(
          {"metadata", "annotations", wandb::kOwnerAnnotation})),
      " removed");
}

}  // namespace resources
