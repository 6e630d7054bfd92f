// The values that legacy settings become, one setting after the other.
#pragma once

#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "base/json.h"
#include "wandb/legacy/values.h"

namespace wandb {

// `name` is always what a setting was called: what has no place is noted under
// it. "" and null mean that there is nothing.
class LegacyBuilder {
 public:
  // At `path`, which is dotted. What is there already stays.
  void Set(absl::string_view name, absl::string_view path, base::Json value);
  // A variable of all components: text, or {valueFrom}.
  void SetEnvironment(const std::string& name, base::Json value);
  void Unmapped(absl::string_view name, absl::string_view reason);

  void SetBucket(const std::string& name, const std::string& text);
  // Both after the bucket.
  void SetAzureKey(const std::string& name, const std::string& value);
  void SetKmsKey(absl::string_view name, const base::Json& value);

  void SetMysql(const std::string& name, const std::string& text);
  // Of user and password as a URL has them.
  void SetMysqlLogin(const std::string& user_name, const std::string& user,
                     const std::string& password_name,
                     const std::string& password);
  void SetRedis(const std::string& name, const std::string& text);
  void SetSmtp(const std::string& name, const std::string& text);

  LegacyValues Take() && { return std::move(out_); }

 private:
  void SetPart(const std::string& name, absl::string_view path,
               absl::string_view what, const std::string& text);
  std::string Provider() const;

  LegacyValues out_;
};

}  // namespace wandb
