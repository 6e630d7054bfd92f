#include "wandb/mask.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "wandb/catalogue.h"
#include "wandb/unknown.h"
#include "wandb/urls.h"

namespace wandb {
namespace {

using base::Json;

// Chart values that are secrets, as far as their names alone don't say so. A
// value below one of them counts too, except by reference.
const std::vector<absl::string_view>& SecretPaths() {
  static const auto* const kPaths = [] {
    auto* paths = new std::vector<absl::string_view>();  // NOLINT
    for (const CatalogueEntry& entry : Catalogue()) {
      if (entry.secret) paths->push_back(entry.path);
    }
    return paths;
  }();
  return *kPaths;
}

// Keys that hold a secret wherever a chart (or a subchart) has them.
constexpr absl::string_view kSecretKeys[] = {
    "accessKey",
    "accessToken",
    "adminPassword",
    "apiKey",
    "authToken",
    "bearerToken",
    "bindPW",
    "clientSecret",
    "connectionString",
    "license",
    "licenseKey",
    "passphrase",
    "passwd",
    "password",
    "passwords",
    "privateKey",
    "replicationPassword",
    "rootPassword",
    "secretAccessKey",
    "token",
};

constexpr absl::string_view kEnvKeys[] = {"env", "envTpls", "extraEnv",
                                          "extraEnvVars", "extraEnvs"};

// Last words of a name that say "where it is", not "what it is".
constexpr absl::string_view kReferenceWords[] = {
    "file", "name", "names", "namespace", "path", "ref", "refs"};

// Words, or ends of words that are written without a break ("DBPASSWORD").
constexpr absl::string_view kSecretWords[] = {
    "apikey",  "cred",       "creds",  "credential", "credentials",
    "jwt",     "key",        "keys",   "licence",    "license",
    "pass",    "passphrase", "passwd", "password",   "passwords",
    "private", "pw",         "pwd",    "secret",     "secrets",
    "token",   "tokens",
};
constexpr absl::string_view kSecretEndings[] = {
    "credential", "credentials", "key", "licence", "license", "passphrase",
    "passwd",     "password",    "pwd", "secret",  "token"};

template <typename Table>
bool Contains(const Table& table, absl::string_view word) {
  return absl::c_linear_search(table, word);
}

bool IsUpper(char c) {
  return absl::ascii_isupper(static_cast<unsigned char>(c));
}

// "dbPassword" and "DB_PASSWORD" -> {"db", "password"}; "APIKey" -> {"api",
// "key"}.
std::vector<std::string> Words(absl::string_view name) {
  std::vector<std::string> words;
  std::string word;
  const auto flush = [&] {
    if (!word.empty()) words.push_back(std::exchange(word, ""));
  };
  for (size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    if (!absl::ascii_isalnum(static_cast<unsigned char>(c))) {
      flush();
      continue;
    }
    const bool hump = IsUpper(c) && i > 0 && !IsUpper(name[i - 1]);
    const bool last_of_run =
        IsUpper(c) && i > 0 && i + 1 < name.size() &&
        absl::ascii_islower(static_cast<unsigned char>(name[i + 1]));
    if (hump || last_of_run) flush();
    word += absl::ascii_tolower(static_cast<unsigned char>(c));
  }
  flush();
  return words;
}

bool IsSecretWord(absl::string_view word) {
  if (Contains(kSecretWords, word)) return true;
  return absl::c_any_of(kSecretEndings, [&](absl::string_view ending) {
    return absl::EndsWith(word, ending);
  });
}

// "passwordKey", "rootPasswordKey", "usernameKey": the key in a Secret.
// PASSWORD_KEY is no such thing: environment variables hold values.
bool NamesKeyOfSecret(absl::string_view name,
                      const std::vector<std::string>& words) {
  if (words.size() < 2 || words.back() != "key") return false;
  if (absl::StrContains(name, "_") || IsUpper(name[0])) return false;
  const std::string& before = words[words.size() - 2];
  return before == "password" || before == "username" || before == "user";
}

bool ByReference(const Path& path, size_t from) {
  return std::any_of(path.begin() + static_cast<std::ptrdiff_t>(from),
                     path.end(), [](const Step& step) {
                       return step.key == "valueFrom" ||
                              step.key == "secretKeyRef" ||
                              step.key == "configMapKeyRef";
                     });
}

// The leaf is path[from..] below an `env`: a map by name, a list of EnvVar, or
// a list of strings.
bool IsSecretEnv(const Path& path, size_t from) {
  if (ByReference(path, from)) return false;
  if (from == path.size()) return true;
  if (!path[from].IsIndex()) return LooksSecret(path[from].key);
  // The name stands beside the value, where a path can't see it.
  return path.size() == from + 1 || path[from + 1].key != "name";
}

bool StartsWith(const Path& path, absl::string_view pattern) {
  size_t i = 0;
  for (absl::string_view key : absl::StrSplit(pattern, '.')) {
    if (i == path.size() || path[i].key != key) return false;
    ++i;
  }
  return !ByReference(path, i);
}

bool SecretByPath(const Path& path) {
  for (size_t i = 0; i < path.size(); ++i) {
    if (Contains(kEnvKeys, path[i].key)) return IsSecretEnv(path, i + 1);
    if (Contains(kSecretKeys, path[i].key) && !ByReference(path, i + 1)) {
      return true;
    }
  }
  return absl::c_any_of(SecretPaths(), [&](absl::string_view pattern) {
    return StartsWith(path, pattern);
  });
}

bool IsPrivateKey(absl::string_view text) {
  return absl::StrContains(text, "PRIVATE KEY-----");
}

bool SecretByContent(const Json& leaf) {
  const auto* text = leaf.get_ptr<const std::string*>();
  return text != nullptr && (IsPrivateKey(*text) || HasUrlUserInfo(*text));
}

Json Placeholder(const Json& leaf, bool whole) {
  if (leaf.is_boolean()) return false;
  if (leaf.is_number()) return 0;
  const auto* text = leaf.get_ptr<const std::string*>();
  if (whole || text == nullptr || IsPrivateKey(*text)) return kMasked;
  return RedactUrls(*text);
}

void Redact(const Mask& mask, Path& path, Json& node) {
  if (auto* object = node.get_ptr<Json::object_t*>()) {
    for (auto& [key, value] : *object) {
      path.push_back(Step::Key(key));
      Redact(mask, path, value);
      path.pop_back();
    }
  } else if (auto* list = node.get_ptr<Json::array_t*>()) {
    for (size_t i = 0; i < list->size(); ++i) {
      path.push_back(Step::Index(i));
      Redact(mask, path, (*list)[i]);
      path.pop_back();
    }
  } else if (mask.IsSecret(path, node)) {
    // What is secret for its content alone keeps the rest.
    node = Placeholder(node, mask.IsSecret(path, Json(true)));
  }
}

bool CanHide(const Json& leaf) {
  return leaf.is_string() || leaf.is_number() || leaf.is_boolean();
}

}  // namespace

bool LooksSecret(absl::string_view name) {
  const std::vector<std::string> words = Words(name);
  if (words.empty() || Contains(kReferenceWords, words.back())) return false;
  if (words.front() == "existing" || absl::c_linear_search(words, "kms")) {
    return false;
  }
  if (NamesKeyOfSecret(name, words)) return false;
  return absl::c_any_of(words, IsSecretWord);
}

Mask::Mask(const std::vector<Path>& sensitive) {
  for (const Path& path : sensitive) {
    Node* node = &root_;
    for (const Step& step : path) node = &node->below[step];
    node->covered = true;
  }
}

bool Mask::Covered(const Path& path) const {
  const Node* node = &root_;
  for (const Step& step : path) {
    if (node->covered) return true;
    const auto found = node->below.find(step);
    if (found == node->below.end()) return false;
    node = &found->second;
  }
  return node->covered;
}

bool Mask::IsSecret(const Path& path, const Json& leaf) const {
  return CanHide(leaf) &&
         (Covered(path) || SecretByPath(path) || SecretByContent(leaf));
}

std::string Mask::Text(const Path& path, const Json& leaf) const {
  return IsSecret(path, leaf) ? kMasked : LeafText(leaf);
}

Json ReplaceSecrets(const Json& values, const Mask& mask) {
  Json result = values;
  Path path;
  Redact(mask, path, result);
  return result;
}

std::vector<std::string> SecretTexts(const Json& values, const Mask& mask) {
  std::vector<std::string> texts;
  ForEachLeaf(values,
              [&](const Path& path, const std::string&, const Json& leaf) {
                if (!mask.IsSecret(path, leaf) || leaf.is_boolean()) return;
                const auto* text = leaf.get_ptr<const std::string*>();
                texts.push_back(text != nullptr ? *text : base::DumpJson(leaf));
              });
  return texts;
}

}  // namespace wandb
