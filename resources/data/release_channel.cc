#include "resources/data/release_channel.h"

#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "base/never_destroyed.h"
#include "provider/tf/validators.h"
#include "resources/values.h"
#include "wandb/spec/channel.h"
#include "wandb/spec/masked_layer.h"

namespace resources {
namespace {

using cty::Type;
using cty::Value;
using tf::Attr;
using tf::Bind;

struct ReleaseChannelModel {
  Attr<std::string> id, url, file, release_id;
  Value release;

  static const tf::Bindings<ReleaseChannelModel>& Fields();
};

const tf::Bindings<ReleaseChannelModel>& ReleaseChannelModel::Fields() {
  using M = ReleaseChannelModel;
  static const base::NeverDestroyed<tf::Bindings<M>> kFields(tf::Bindings<M>{
      Bind("id", &M::id,
           {.use = tf::Use::kComputed,
            .doc = "Id of the release, if the channel names it."}),
      Bind("url", &M::url,
           {.doc = "Base URL of the release channel. Default: "
                   "`release_channel_url` of the provider, else "
                   "`https://deploy.wandb.ai`.",
            .validators = {tf::HttpUrl()}}),
      Bind("file", &M::file,
           {.doc = "File with an answer of the channel, read in place of "
                   "asking the service. Excludes `url` and `release_id`.",
            .validators = {tf::NotEmpty()}}),
      Bind("release_id", &M::release_id,
           {.doc = "A certain release, in place of the newest one.",
            .validators = {tf::NotEmpty()}}),
      Bind("release", &M::release, Type::Dynamic(),
           {.use = tf::Use::kComputed,
            .doc = "`{chart, metadata, values}`, for `release` of "
                   "`wandb_instance`. Secrets in it are masked."}),
  });
  return *kFields;
}

class ReleaseChannel final : public tf::TypedDataSource<ReleaseChannelModel> {
 public:
  ReleaseChannel(std::shared_ptr<const Session> session,
                 ReleaseChannelOptions options)
      : TypedDataSource(
            "wandb_release_channel",
            "The release that the release channel offers: chart, values and "
            "metadata. Asked as the operator asks it, with the provider's "
            "`license` if there is one, which is never stored and never sent "
            "over plain http."),
        session_(std::move(session)),
        options_(options) {}

 protected:
  void CheckConfig(const ReleaseChannelModel& config,
                   tf::Diagnostics& diags) const override {
    if (!config.file.IsKnown()) return;
    for (const auto& [name, other] :
         {std::pair("url", &config.url),
          std::pair("release_id", &config.release_id)}) {
      if (other->IsNull()) continue;
      diags.AddError(
          name, "Arguments exclude each other",
          absl::StrCat("file is read in place of the service, so ", name,
                       " has no effect. Remove one of the "
                       "two."));
    }
  }

  void ReadData(const base::Context& ctx,
                tf::DataCall<ReleaseChannelModel>& call) const override {
    const bool from_file = call.model.file.IsKnown();
    auto release =
        from_file ? ReadFile(call.model.file.value()) : Ask(ctx, call.model);
    if (release.ok()) {
      const base::Json shown = Shown(*release);
      if (auto value = cty::FromJson(shown); value.ok()) {
        call.model.release = *std::move(value);
        const auto id = base::StringAt(shown, "/metadata/releaseId");
        call.model.id = id.has_value() ? Attr<std::string>(*id)
                                       : Attr<std::string>(std::string());
        return;
      } else {
        release = value.status();
      }
    }
    call.diags.AddError(from_file ? "file" : "url",
                        "Cannot read the release channel",
                        absl::StrCat(release.status().message(), "."));
  }

 private:
  // Nobody needs the secrets of a release for a preview.
  static base::Json Shown(const base::Json& release) {
    const wandb::SpecLayer layer = wandb::MaskedLayer(
        {release["chart"], release["values"], release["metadata"]},
        wandb::Mask());
    return {{"chart", layer.chart},
            {"metadata", layer.metadata},
            {"values", layer.values}};
  }

  static absl::StatusOr<base::Json> ReadFile(const std::string& path) {
    const auto text = base::ReadFile(path);
    if (!text.ok()) {
      return absl::Status(text.status().code(),
                          absl::StrCat("file ", text.status().message()));
    }
    auto release = wandb::ParseChannelAnswer(*text);
    if (release.ok()) return release;
    return absl::InvalidArgumentError(
        absl::StrCat("file ", path, ": ", release.status().message()));
  }

  absl::StatusOr<base::Json> Ask(const base::Context& ctx,
                                 const ReleaseChannelModel& model) const {
    const Session::Channel channel = session_->channel();
    const auto url = wandb::ChannelRequestUrl(model.url.value_or(channel.url),
                                              model.release_id.value_or(""));
    if (!url.ok()) return url.status();
    http::Request request = {.url = *url,
                             .headers = {{"Content-Type", "application/json"}},
                             .timeout = options_.attempt_timeout};
    if (const std::string license = channel.license.Reveal();
        !license.empty()) {
      if (!absl::StartsWith(*url, "https://")) {
        return absl::InvalidArgumentError(absl::StrCat(
            "the license is not sent to ", *url,
            " over plain http. Use https, or leave the license out of the "
            "provider's configuration"));
      }
      request.headers.emplace_back("Authorization",
                                   wandb::ChannelAuthorization(license));
    }
    // Not before it is needed: it has a thread.
    const auto transport =
        http::NewTransport({.user_agent = "terraform-provider-wandb"});
    // As the operator: everything but an answer is tried again.
    absl::Status last;
    for (int attempt = 1; attempt <= wandb::kChannelAttempts; ++attempt) {
      if (attempt > 1) {
        if (absl::Status ended = ctx.SleepFor(options_.pause); !ended.ok()) {
          return ended;
        }
      }
      const auto response = transport->Send(ctx, request);
      if (!response.ok()) {
        last = response.status();
        if (!ctx.Check().ok()) return last;
        continue;
      }
      if (response->status == 200) {
        auto release = wandb::ParseChannelAnswer(response->body);
        if (release.ok()) return release;
        return absl::InvalidArgumentError(
            absl::StrCat(*url, ": ", release.status().message()));
      }
      last = absl::UnavailableError(
          absl::StrCat(*url, " answered ", response->status, Hint(*response)));
    }
    return absl::Status(
        last.code(), absl::StrCat(last.message(), " (", wandb::kChannelAttempts,
                                  " attempts). Air-gapped: use file"));
  }

  static std::string Hint(const http::Response& response) {
    if (response.status == 401 || response.status == 403) {
      return ": check the provider's license";
    }
    if (response.status == 404) {
      return ": check release_id and the channel's URL";
    }
    return "";
  }

  const std::shared_ptr<const Session> session_;
  const ReleaseChannelOptions options_;
};

}  // namespace

std::unique_ptr<tf::DataSource> NewReleaseChannelDataSource(
    std::shared_ptr<const Session> session, ReleaseChannelOptions options) {
  return std::make_unique<ReleaseChannel>(std::move(session), options);
}

}  // namespace resources
