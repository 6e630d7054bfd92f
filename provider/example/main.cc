// A complete provider: text files of this machine, as a resource and as a data
// source, and a function that joins paths.
//
//   resource "example_file" "motd" { path = "/tmp/motd", content = "Hello\n" }
//   data "example_file" "hosts" { path = "/etc/hosts" }
//   output "path" { value = provider::example::join("/etc", "hosts") }
#include <cstdio>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/never_destroyed.h"
#include "provider/plugin/server.h"
#include "provider/tf/provider.h"
#include "provider/tf/validators.h"

namespace {

// ---- What they look like ----

struct File {
  tf::Attr<std::string> path;
  tf::Defaulted<std::string> content;
  tf::Attr<int64_t> size;

  static const tf::Bindings<File>& Fields() {
    static const base::NeverDestroyed<tf::Bindings<File>> kFields(
        tf::Bindings<File>{
            tf::Bind("path", &File::path,
                     {.use = tf::Use::kRequired,
                      .replace_on_change = true,
                      .doc = "Where it is.",
                      .validators = {tf::NotEmpty()}}),
            tf::Bind("content", &File::content, {.doc = "What is in it."}),
            tf::Bind("size", &File::size,
                     {.use = tf::Use::kComputed, .doc = "In bytes."})});
    return *kFields;
  }
};

struct Found {
  tf::Attr<std::string> path, content;

  static const tf::Bindings<Found>& Fields() {
    static const base::NeverDestroyed<tf::Bindings<Found>> kFields(
        tf::Bindings<Found>{
            tf::Bind("path", &Found::path,
                     {.use = tf::Use::kRequired, .doc = "Where it is."}),
            tf::Bind("content", &Found::content,
                     {.use = tf::Use::kComputed, .doc = "What is in it."})});
    return *kFields;
  }
};

// ---- What they do ----

class FileResource final : public tf::TypedResource<File> {
 public:
  FileResource() : TypedResource("example_file", 0, "A text file.") {}
  std::vector<tf::IdentityAttribute> identity() const override {
    return {{.name = "path", .doc = "Where it is."}};
  }

 private:
  // Nothing to add: computed attributes of what changes are planned as unknown.
  void PlanChange(const base::Context&, tf::PlanCall<File>&) const override {}

  void ApplyChange(const base::Context&,
                   tf::ApplyCall<File>& call) const override {
    const std::string& content = call.planned.content.value();
    std::ofstream file(call.planned.path.value());
    if (!(file << content << std::flush)) {
      call.diags.AddError(cty::Path("path"), "Cannot write the file",
                          "Check path: its folder must exist.");
      return;
    }
    call.saved = call.planned;
    call.saved->size = static_cast<int64_t>(content.size());
  }

  void Delete(const base::Context&, tf::DeleteCall<File>& call) const override {
    std::remove(call.state.path.value().c_str());
  }

  void Refresh(const base::Context&, tf::ReadCall<File>& call) const override {
    const auto content = base::ReadFile(call.state.path.value());
    call.gone = absl::IsNotFound(content.status());
    if (call.gone) return;
    if (!content.ok()) {
      call.diags.AddError("Cannot read the file", content.status().message());
      return;
    }
    call.state.content = *content;
    call.state.size = static_cast<int64_t>(content->size());
  }

  void ImportState(const base::Context&,
                   tf::ImportCall<File>& call) const override {
    call.state.path = call.id.empty() ? call.identity.at("path") : call.id;
  }
};

class FileDataSource final : public tf::TypedDataSource<Found> {
 public:
  FileDataSource() : TypedDataSource("example_file", "A file that exists.") {}

 private:
  void ReadData(const base::Context&,
                tf::DataCall<Found>& call) const override {
    const auto content = base::ReadFile(call.model.path.value());
    if (content.ok()) {
      call.model.content = *content;
    } else {
      call.diags.AddError("Cannot read the file", content.status().message());
    }
  }
};

tf::FunctionResult Join(const std::vector<cty::Value>& arguments) {
  return tf::FunctionResult::Of(cty::Value::String(
      arguments[0].AsString() + "/" + arguments[1].AsString()));
}

}  // namespace

int main(int argc, char** argv) {
  return plugin::Main(
      {.address = "example/example", .version = "0.1.0"},
      {argv + 1, argv + argc}, [] {
        tf::Parts parts;
        parts.resources.push_back(std::make_unique<FileResource>());
        parts.data_sources.push_back(std::make_unique<FileDataSource>());
        parts.functions.push_back(
            {.name = "join",
             .summary = "A path in a folder",
             .parameters = {{"folder", cty::Type::String()},
                            {"name", cty::Type::String()}},
             .result = cty::Type::String(),
             .call = Join});
        return tf::NewProvider(std::move(parts));
      });
}
