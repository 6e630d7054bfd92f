// Names that say that a value is a secret: the one table of their words, for
// variables, keys, flags and parameters alike.
#pragma once

#include "absl/strings/string_view.h"

namespace base {

// Whether `name` says that its value is, or holds, a secret. A word for it may
// stand anywhere: "DB_PASSWORD", "clientSecret", "refresh-token", "APIKEY",
// "MY_KMS_PASSWORD", "TOKEN_REF", "serviceAccountKey".
//
// No word takes that back, with one exception: names in camel case that by
// convention point to a secret ("secretName", "accessKeyName", "secretRef",
// "existingSecret", "passwordKey", "imagePullSecrets", "secretStore",
// "licenseServer", "keyUsages"). Variables, which are written in capitals or
// with underscores, hold values.
//
// "key" alone counts only in capitals: elsewhere it is a word for anything.
bool LooksSecret(absl::string_view name);

// Whether the value is the secret itself, because the name ends with the word
// for it: "dbPassword", "credentials", but not "passwordPolicy" or
// "tokenLifetime". What is below such a name in a tree is secret, too, and
// numbers are. Not of words for a value that are as well words for a group of
// settings, as "auth" is, outside of capitals. Implies LooksSecret().
bool IsNameOfSecret(absl::string_view name);

// Whether `value` is a column, as "id" is that of "primaryKey", in spite of the
// name: others call such names what they sign with.
bool IsColumn(absl::string_view name, absl::string_view value);

}  // namespace base
