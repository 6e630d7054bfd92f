#include "wandb/chart/mask.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "base/never_destroyed.h"
#include "base/secret_names.h"
#include "wandb/chart/exposure.h"
#include "wandb/unknown.h"

namespace wandb {
namespace {

using base::Json;

// Maps of variables by name, lists of {name, value}, and templates of both.
constexpr absl::string_view kEnvKeys[] = {"env", "envTpls", "extraEnv",
                                          "extraEnvVars", "extraEnvs"};
// Of headers whose values are secret, besides names that look it.
constexpr absl::string_view kSecretHeaders[] = {
    "authorization", "cookie", "proxy-authorization", "set-cookie",
    "x-honeycomb-team"};
// Of an entry of a list: its name, and what it is.
constexpr const char* kNamesBeside[] = {"env", "header", "id",
                                        "key", "name",   "variable"};
constexpr absl::string_view kValuesBeside[] = {"content", "data", "literal",
                                               "val", "value"};
// Of which `key` is one: "exporters.datadog.api.key".
constexpr absl::string_view kOwnersOfKeys[] = {
    "access", "account", "api", "encryption", "private",
    "secret", "signing", "ssl", "tls"};
// Shorter ones are in too many messages.
constexpr size_t kShortestUnlisted = 8;
constexpr size_t kShortestLine = 8;

bool CanHide(const Json& leaf) {
  return leaf.is_string() || leaf.is_number() || leaf.is_boolean();
}

bool IsReference(const Json& leaf) {
  const auto* text = leaf.get_ptr<const std::string*>();
  return text != nullptr && base::IsReference(*text);
}

bool SecretByContent(const Json& leaf) {
  const auto* text = leaf.get_ptr<const std::string*>();
  return text != nullptr && base::HasCredentials(*text);
}

bool IsFilled(const Json& leaf) {
  const auto* text = leaf.get_ptr<const std::string*>();
  return text != nullptr && !text->empty();
}

bool IsEnvironment(const Step& step) {
  return absl::c_linear_search(kEnvKeys, step.key);
}

// Whether `name`, which is that of the leaf itself, makes it secret. A bool is
// no secret, and a number is one only where it can't be a count or a length.
bool SecretByName(absl::string_view name, const Json& leaf) {
  if (const auto* text = leaf.get_ptr<const std::string*>()) {
    return base::LooksSecret(name) && !base::IsReference(*text) &&
           !base::IsColumn(name, *text);
  }
  const bool plural = absl::EndsWithIgnoreCase(name, "s") &&
                      !absl::EndsWithIgnoreCase(name, "ss");
  return leaf.is_number() && !plural && base::IsNameOfSecret(name);
}

// The leaf is path[from..] below an environment.
bool SecretVariable(const Path& path, size_t from, const Json& leaf) {
  // A scalar there is no environment: "datadog.env".
  if (from == path.size()) return false;
  if (!path[from].IsIndex()) {
    const std::string& name = path[from].key;
    if (IsHarmlessVariable(name)) return false;
    return leaf.is_number() ? base::LooksSecret(name)
                            : SecretByName(name, leaf);
  }
  // The name stands beside the value, where a path can't see it.
  if (path.size() > from + 1 && path[from + 1].key == "name") return false;
  return !IsReference(leaf);
}

bool IsKeyOf(const Step& owner, const Step& key, const Json& leaf) {
  return key.key == "key" && leaf.is_string() && !IsReference(leaf) &&
         absl::c_linear_search(kOwnersOfKeys, absl::AsciiStrToLower(owner.key));
}

bool SecretByNames(const Path& path, const Json& leaf) {
  size_t last = path.size();  // The leaf's own name.
  while (last > 0 && path[last - 1].IsIndex()) --last;
  if (last == 0) return false;
  --last;
  for (size_t i = 0; i <= last; ++i) {
    if (path[i].IsIndex()) continue;
    if (IsEnvironment(path[i]) && SecretVariable(path, i + 1, leaf)) {
      return true;
    }
    const bool variable = i > 0 && IsEnvironment(path[i - 1]);
    if (variable && IsHarmlessVariable(path[i].key)) continue;
    if (i == last) {
      return !variable && (SecretByName(path[i].key, leaf) ||
                           (i > 0 && IsKeyOf(path[i - 1], path[i], leaf)));
    }
    // A name of a secret hides all below.
    if (base::IsNameOfSecret(path[i].key)) {
      return !leaf.is_boolean() && !IsReference(leaf);
    }
  }
  return false;
}

// What stands at `path` below `node`, a step at a time.
const Json* Below(const Json* node, const Step& step) {
  if (node == nullptr) return nullptr;
  if (step.IsIndex()) {
    return node->is_array() && *step.index < node->size()
               ? &(*node)[*step.index]
               : nullptr;
  }
  if (!node->is_object()) return nullptr;
  const auto found = node->find(step.key);
  return found == node->end() ? nullptr : &*found;
}

bool IsValueBeside(const Step& step) {
  return absl::c_linear_search(kValuesBeside, step.key);
}

bool IsHeaderOfSecret(absl::string_view name) {
  return absl::c_any_of(kSecretHeaders, [name](absl::string_view header) {
    return absl::EqualsIgnoreCase(name, header);
  });
}

// "--password", whose value is the next element.
bool IsSecretFlag(absl::string_view text) {
  if (!absl::StartsWith(text, "-") || absl::StrContains(text, "=")) {
    return false;
  }
  text.remove_prefix(std::min(text.find_first_not_of('-'), text.size()));
  return base::LooksSecret(text) || IsHeaderOfSecret(text);
}

// Flags that are written before passwords as well as before other things.
bool MaySecretFollow(absl::string_view flag, absl::string_view text) {
  if (flag == "-p") {
    return !absl::StrContains("-/.", text.substr(0, 1)) &&
           !absl::c_all_of(text, [](unsigned char c) {
             return absl::ascii_isdigit(c) || c == ':';
           });
  }
  return (flag == "-u" || flag == "--user" || flag == "--proxy-user") &&
         absl::StrContains(text, ":");
}

// The flag tells nothing itself, and says that what follows it is secret.
bool IsFlagOfSecret(const Path& path, const Json& leaf) {
  const auto* text = leaf.get_ptr<const std::string*>();
  return text != nullptr && !path.empty() && path.back().IsIndex() &&
         IsSecretFlag(*text);
}

bool FollowsFlag(const Json& list, size_t index, const Json& leaf) {
  if (index == 0 || !list.is_array() || index >= list.size()) return false;
  const auto* flag = list[index - 1].get_ptr<const std::string*>();
  if (flag == nullptr) return false;
  const auto* text = leaf.get_ptr<const std::string*>();
  if (IsSecretFlag(*flag)) return true;
  if (text == nullptr) return false;
  const auto* program = list[0].get_ptr<const std::string*>();
  return MaySecretFollow(*flag, *text) ||
         (program != nullptr && base::IsSecretArgument(*program, *flag, *text));
}

// {name: Authorization, value: x}
bool IsValueOfSecret(const Json& map, const Json& leaf) {
  if (!leaf.is_string()) return false;
  for (const char* key : kNamesBeside) {
    const auto name = map.find(key);
    if (name == map.end()) continue;
    const auto* text = name->get_ptr<const std::string*>();
    if (text != nullptr &&
        (base::LooksSecret(*text) || IsHeaderOfSecret(*text))) {
      return true;
    }
  }
  return false;
}

// By what stands beside the leaf or what it is in, where no path sees it.
bool SecretByNeighbours(const Path& path, const Json& leaf,
                        const Surroundings& around) {
  if (around.tree == nullptr || leaf.is_boolean() || IsReference(leaf) ||
      (leaf.is_string() && leaf.get_ref<const std::string&>().empty())) {
    return false;
  }
  const Json* node = around.tree;
  for (size_t i = around.depth; i < path.size() && node != nullptr; ++i) {
    const Step& step = path[i];
    if (step.IsIndex() ? FollowsFlag(*node, *step.index, leaf)
                       : IsValueBeside(step) && node->is_object() &&
                             IsValueOfSecret(*node, leaf)) {
      return true;
    }
    node = Below(node, step);
  }
  return false;
}

// By the rules that hold for every mask.
bool SecretByRule(const Path& path, const Json& leaf, Exposure exposure,
                  const Surroundings& around) {
  if (SecretByContent(leaf) || SecretByNeighbours(path, leaf, around)) {
    return true;
  }
  switch (exposure) {
    case Exposure::kSecret:
      return true;
    case Exposure::kReference:
    case Exposure::kHarmless:
      return false;
    case Exposure::kOrdinary:
    case Exposure::kUnsaid:
      break;
  }
  return SecretByNames(path, leaf);
}

const Step& AnyIndex(const Step& step) {
  static const base::NeverDestroyed<Step> kAny(Step::Index(0));
  // Steps of paths that outlive the answer.
  if (!step.IsIndex()) return step;  // NOLINT(*-return-const-ref-*)
  return *kAny;
}

Json Placeholder(const Json& leaf) {
  if (leaf.is_boolean()) return false;
  if (leaf.is_number()) return 0;
  return kMasked;
}

// `node` is at `path` in `around`.
Json Replaced(const Mask& mask, const Surroundings& around, Path& path,
              const Json& node) {
  if (const auto* object = node.get_ptr<const Json::object_t*>()) {
    Json out = Json::object();
    for (const auto& [key, value] : *object) {
      path.push_back(Step::Key(key));
      Json replaced = Replaced(mask, around, path, value);
      path.pop_back();
      // As ShownPath() has it; two keys may become one.
      Json& place = out[base::HideCredentials(key)];
      if (place.is_object() && replaced.is_object()) {
        place.update(replaced, true);
      } else {
        place = std::move(replaced);
      }
    }
    return out;
  }
  if (const auto* list = node.get_ptr<const Json::array_t*>()) {
    Json out = Json::array();
    for (size_t i = 0; i < list->size(); ++i) {
      path.push_back(Step::Index(i));
      out.push_back(Replaced(mask, around, path, (*list)[i]));
      path.pop_back();
    }
    return out;
  }
  return mask.IsSecret(path, node, around) ? Placeholder(node) : node;
}

}  // namespace

Mask::Mask(const std::vector<Path>& sensitive, Masking masking)
    : masking_(masking) {
  for (const Path& path : sensitive) {
    Node* node = &root_;
    for (const Step& step : path) node = &node->below[AnyIndex(step)];
    node->covered = true;
  }
}

bool Mask::Covered(const Path& path) const {
  const Node* node = &root_;
  for (const Step& step : path) {
    if (node->covered) return true;
    const auto found = node->below.find(AnyIndex(step));
    if (found == node->below.end()) {
      // A list in the place of a map with secrets, or the other way round.
      return absl::c_any_of(node->below, [&step](const auto& below) {
        return below.first.IsIndex() != step.IsIndex();
      });
    }
    node = &found->second;
  }
  // A leaf in the place of such a map or list, if not one of the secrets.
  return node->covered || !node->below.empty();
}

bool Mask::CoversAllOf(const Node& node, const Node& other) {
  if (node.covered) return true;
  return !other.covered && absl::c_all_of(other.below, [&](const auto& below) {
    const auto found = node.below.find(below.first);
    return found != node.below.end() &&
           CoversAllOf(found->second, below.second);
  });
}

bool Mask::HidesAllOf(const Mask& other) const {
  return (masking_ == Masking::kStrict || other.masking_ == Masking::kKnown) &&
         CoversAllOf(root_, other.root_);
}

Secrecy Mask::SecrecyOf(const Path& path, const Json& leaf,
                        const Surroundings& around) const {
  if (!CanHide(leaf)) return Secrecy::kOpen;
  if (Covered(path)) return Secrecy::kSecret;
  Exposure exposure = ExposureOf(path);
  // A variable may have any name, that of a harmless key, too.
  if (exposure <= Exposure::kHarmless && absl::c_any_of(path, IsEnvironment)) {
    exposure = Exposure::kUnsaid;
  }
  if (SecretByRule(path, leaf, exposure, around)) return Secrecy::kSecret;
  return masking_ == Masking::kStrict && exposure == Exposure::kUnsaid &&
                 IsFilled(leaf) && !IsFlagOfSecret(path, leaf)
             ? Secrecy::kUnlisted
             : Secrecy::kOpen;
}

std::string Mask::Text(const Path& path, const Json& leaf,
                       const Surroundings& around) const {
  return IsSecret(path, leaf, around) ? kMasked : LeafText(leaf);
}

bool Mask::IsSecretMetadata(absl::string_view name,
                            absl::string_view text) const {
  if (base::HasCredentials(text)) return true;
  if (IsHarmlessMetadata(name)) return false;
  return masking_ == Masking::kStrict || base::LooksSecret(name);
}

bool BesideUnknown(const Json& tree, const Path& path) {
  const Json* node = &tree;
  for (const Step& step : path) {
    if (step.IsIndex() && *step.index > 0) {
      const Json* before = Below(node, Step::Index(*step.index - 1));
      if (before != nullptr && UnknownKind(*before).has_value()) return true;
    }
    if (IsValueBeside(step) && node != nullptr && node->is_object()) {
      for (const char* key : kNamesBeside) {
        const auto name = node->find(key);
        if (name != node->end() && UnknownKind(*name).has_value()) return true;
      }
    }
    node = Below(node, step);
  }
  return false;
}

std::string ShownPath(absl::string_view path) {
  return base::HideCredentials(path);
}

Json ReplaceSecrets(const Json& values, const Mask& mask) {
  Path path;
  return Replaced(mask, {&values}, path, values);
}

std::vector<std::string> SecretTexts(const Json& values, const Mask& mask) {
  std::vector<std::string> texts;
  ForEachLeaf(values,
              [&](const Path& path, const std::string&, const Json& leaf) {
                const Secrecy secrecy = mask.SecrecyOf(path, leaf, {&values});
                if (secrecy == Secrecy::kOpen || leaf.is_boolean()) return;
                const auto* text = leaf.get_ptr<const std::string*>();
                if (text == nullptr) {
                  texts.push_back(base::DumpJson(leaf));
                } else if (secrecy == Secrecy::kSecret ||
                           text->size() >= kShortestUnlisted) {
                  const std::vector<std::string> parts = PartsOfSecret(*text);
                  texts.insert(texts.end(), parts.begin(), parts.end());
                }
              });
  return texts;
}

std::vector<std::string> PartsOfSecret(const std::string& secret) {
  std::vector<std::string> parts = {secret};
  if (absl::StrContains(secret, "\n")) {
    for (const absl::string_view line : absl::StrSplit(secret, '\n')) {
      if (line.size() >= kShortestLine) parts.emplace_back(line);
    }
  }
  for (const base::Span& span :
       base::FindCredentials(secret, base::Care::kPrecise)) {
    const std::string part = secret.substr(span.begin, span.end - span.begin);
    if (part != secret) parts.push_back(part);
    const size_t colon = part.find(':');
    if (colon != std::string::npos) parts.push_back(part.substr(colon + 1));
  }
  return parts;
}

}  // namespace wandb
