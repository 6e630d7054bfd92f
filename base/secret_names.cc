#include "base/secret_names.h"

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/types/span.h"

namespace base {
namespace {

// Longer ones are text, not names.
constexpr size_t kLongestName = 256;

// Parts of a word, wherever they are in it: "mypasswords", "PASSWD1".
constexpr absl::string_view kParts[] = {"credential", "passcode", "passphrase",
                                        "passwd",     "password", "passwrd",
                                        "secret"};

constexpr absl::string_view kWords[] = {
    "cred",    "creds",    "jwt",   "jwts",   "licence", "licences",
    "license", "licenses", "otp",   "psk",    "psw",     "pswd",
    "pw",      "pwd",      "token", "tokens", "totp"};

// Words that are written without a break: "ACCESSTOKEN", "apikey".
constexpr absl::string_view kEndings[] = {"accesskey",
                                          "accountkey",
                                          "apikey",
                                          "authkey",
                                          "connectionstring",
                                          "dockercfg",
                                          "dockerconfigjson",
                                          "encryptionkey",
                                          "licence",
                                          "license",
                                          "licensekey",
                                          "masterauth",
                                          "masterkey",
                                          "privatekey",
                                          "pwd",
                                          "secretkey",
                                          "sessionkey",
                                          "signingkey",
                                          "storagekey",
                                          "token",
                                          "tokens",
                                          "writekey"};

// Only as the last word: before others they mean something else.
constexpr absl::string_view kLastWords[] = {
    "auths",       "authorization", "bearer", "bindpw", "cookie",
    "cookies",     "dsn",           "dsns",   "hmac",   "kubeconfig",
    "kubeconfigs", "mnemonic",      "netrc",  "pass",   "pat",
    "pepper",      "pfx",           "pin",    "pins",   "rootpw",
    "salt",        "salts",         "sas",    "seed",   "tok",
    "webhookurl",  "webhookurls"};
// Likewise.
constexpr std::pair<absl::string_view, absl::string_view> kLastPairs[] = {
    {"auth", "header"},   {"auth", "users"},     {"authorization", "header"},
    {"basic", "auth"},    {"bind", "pw"},        {"conn", "str"},
    {"id", "dsa"},        {"id", "ecdsa"},       {"id", "ed25519"},
    {"id", "rsa"},        {"jaas", "config"},    {"kube", "config"},
    {"recovery", "code"}, {"recovery", "codes"}, {"root", "pw"},
    {"webhook", "uri"},   {"webhook", "uris"},   {"webhook", "url"},
    {"webhook", "urls"}};

// Words that end in "pass" and are no password: "BYPASS_CACHE".
constexpr absl::string_view kOtherPasses[] = {
    "bypass", "compass", "encompass", "overpass",
    "pass",   "surpass", "trespass",  "underpass"};

// Only as the last word, and only in capitals: elsewhere they are words for
// anything.
constexpr absl::string_view kLastCapitals[] = {"auth"};

// Only as the last word, and only of the value itself: a number or a switch of
// such a name is none, and what is below it has names of its own
// ("auth.enabled").
constexpr absl::string_view kLeaves[] = {"auth", "sessionid"};
constexpr std::pair<absl::string_view, absl::string_view> kLeafPairs[] = {
    {"session", "id"}};

// Two words that only together say it.
constexpr std::pair<absl::string_view, absl::string_view> kPairs[] = {
    {"connection", "string"},
    {"connection", "strings"},
    {"docker", "cfg"},
    {"docker", "config"},
    {"private", "pem"}};

// Last words of names in camel case that say where a secret is.
constexpr absl::string_view kPointers[] = {"name", "names", "ref", "refs"};

// Likewise by the last two words: "secretStore", "licenseServer", "keyUsages".
constexpr std::pair<absl::string_view, absl::string_view> kHolders[] = {
    {"secret", "store"},   {"secret", "stores"},  {"secrets", "store"},
    {"license", "server"}, {"licence", "server"}, {"key", "usage"},
    {"key", "usages"}};

// Keys of tables, which are names of columns.
constexpr absl::string_view kColumns[] = {"foreignKey", "partitionKey",
                                          "primaryKey", "sortKey"};
constexpr size_t kLongestColumn = 32;

using Words = std::vector<std::string>;

bool IsUpper(char c) {
  return absl::ascii_isupper(static_cast<unsigned char>(c));
}
bool IsLower(char c) {
  return absl::ascii_islower(static_cast<unsigned char>(c));
}

// "dbPassword" and "DB_PASSWORD" -> {"db", "password"}; "APIKey" -> {"api",
// "key"}.
Words WordsOf(absl::string_view name) {
  Words words;
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
        IsUpper(c) && i > 0 && i + 1 < name.size() && IsLower(name[i + 1]);
    if (hump || last_of_run) flush();
    word += absl::ascii_tolower(static_cast<unsigned char>(c));
  }
  flush();
  return words;
}

bool IsKey(absl::string_view word) { return word == "key" || word == "keys"; }

bool IsSecretWord(absl::string_view word) {
  return absl::c_linear_search(kWords, word) ||
         absl::c_any_of(kParts,
                        [&](absl::string_view part) {
                          return absl::StrContains(word, part);
                        }) ||
         absl::c_any_of(kEndings,
                        [&](absl::string_view ending) {
                          return absl::EndsWith(word, ending);
                        }) ||
         (absl::EndsWith(word, "pass") &&
          !absl::c_linear_search(kOtherPasses, word));
}

// Whether the word at `i` and the one before it are one of `pairs`.
bool HasPair(
    absl::Span<const std::pair<absl::string_view, absl::string_view>> pairs,
    const Words& words, size_t i) {
  return i > 0 && absl::c_any_of(pairs, [&](const auto& pair) {
           return pair.first == words[i - 1] && pair.second == words[i];
         });
}

// Whether `word` at `i` of `words` says it, alone or with its neighbours.
bool SaysSecret(const Words& words, size_t i, bool capitals) {
  const std::string& word = words[i];
  const bool last = i + 1 == words.size();
  if (IsSecretWord(word)) return true;
  if (IsKey(word) && (capitals || words.size() > 1)) return true;
  if (last && absl::c_linear_search(kLastWords, word)) return true;
  if (last && capitals && absl::c_linear_search(kLastCapitals, word)) {
    return true;
  }
  return HasPair(kPairs, words, i) || (last && HasPair(kLastPairs, words, i));
}

// Whether the last of `words` say it of a leaf alone.
bool SaysSecretLeaf(const Words& words) {
  if (words.empty()) return false;
  return absl::c_linear_search(kLeaves, words.back()) ||
         HasPair(kLeafPairs, words, words.size() - 1);
}

bool IsCamelCase(absl::string_view name) {
  return absl::c_all_of(
             name, [](unsigned char c) { return absl::ascii_isalnum(c); }) &&
         absl::c_any_of(name, IsLower);
}

// By convention, and only in camel case.
bool PointsToSecret(absl::string_view name, const Words& words) {
  if (words.size() < 2 || !IsCamelCase(name)) return false;
  const std::string& last = words.back();
  const std::string& before = words[words.size() - 2];
  if (absl::c_linear_search(kPointers, last)) return true;
  if (words.front() == "existing") return true;
  // Where secrets are kept, who hands licenses out, what a key is for.
  if (absl::c_any_of(kHolders, [&](const auto& holder) {
        return holder.first == before && holder.second == last;
      })) {
    return true;
  }
  // The key in a Secret, and Secrets that a registry's passwords are in.
  if (last == "key") {
    return before == "password" || before == "username" || before == "user";
  }
  return last == "secrets" && before == "pull";
}

struct Judged {
  bool anywhere = false;
  bool last = false;
};

Judged Judge(absl::string_view name) {
  Judged judged;
  if (name.size() > kLongestName) return judged;
  const Words words = WordsOf(name);
  if (PointsToSecret(name, words)) return judged;
  const bool capitals = absl::c_none_of(name, IsLower);
  for (size_t i = 0; i < words.size(); ++i) {
    judged.last = SaysSecret(words, i, capitals);
    judged.anywhere = judged.anywhere || judged.last;
  }
  judged.anywhere = judged.anywhere || SaysSecretLeaf(words);
  return judged;
}

}  // namespace

bool LooksSecret(absl::string_view name) { return Judge(name).anywhere; }

bool IsNameOfSecret(absl::string_view name) { return Judge(name).last; }

bool IsColumn(absl::string_view name, absl::string_view value) {
  const size_t dot = name.rfind('.');
  if (dot != absl::string_view::npos) name.remove_prefix(dot + 1);
  return absl::c_linear_search(kColumns, name) &&
         value.size() <= kLongestColumn &&
         absl::c_all_of(value, [](char c) { return IsLower(c) || c == '_'; });
}

}  // namespace base
