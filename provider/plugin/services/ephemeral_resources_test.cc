#include "provider/plugin/services/ephemeral_resources.h"

#include <memory>
#include <string>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "provider/plugin/services/convert.h"
#include "provider/plugin/services/provider_service.h"

namespace plugin {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
namespace pb = tfplugin6;

// Answers the length of a name, or an error for "none".
class LengthOf final : public tf::DataSource {
 public:
  const std::string& type_name() const override { return name_; }
  const tf::Schema& schema() const override { return schema_; }
  void Validate(const cty::Value&, tf::Diagnostics& diags) const override {
    diags.AddWarning("Validated", "It was looked at.");
  }
  void Read(const base::Context&, tf::RawData& call) const override {
    const std::string name = call.config.At("name").AsString();
    if (name == "none") {
      call.diags.AddError("No length", "There is nothing to measure.");
      return;
    }
    call.state = cty::Value::ObjectOf(
        schema_.ImpliedType(),
        {{"name", call.config.At("name")},
         {"length", cty::Value::String(std::to_string(name.size()))}});
  }

 private:
  const std::string name_ = "test_length";
  const tf::Schema schema_ = {
      .attributes = {
          {"name", cty::Type::String(), nullptr, {.use = tf::Use::kRequired}},
          {"length",
           cty::Type::String(),
           nullptr,
           {.use = tf::Use::kComputed}}}};
};

class ProviderOfOne final : public tf::Provider {
 public:
  ProviderOfOne() {
    parts_.ephemeral_resources.push_back(std::make_unique<LengthOf>());
  }
  const tf::Schema& schema() const override { return schema_; }
  void Validate(const cty::Value&, tf::Diagnostics&) const override {}
  void Configure(const base::Context&, tf::ConfigureCall&) override {}
  bool ConfigUnknown() const override { return unknown; }
  const tf::Parts& parts() const override { return parts_; }

  bool unknown = false;

 private:
  const tf::Schema schema_;
  tf::Parts parts_;
};

class EphemeralResourceTest : public ::testing::Test {
 protected:
  static cty::Type TypeOf() { return LengthOf().schema().ImpliedType(); }

  pb::OpenEphemeralResource::Response Open(const std::string& name,
                                           bool may_defer = false) {
    pb::OpenEphemeralResource::Request request;
    request.set_type_name("test_length");
    request.mutable_client_capabilities()->set_deferral_allowed(may_defer);
    EXPECT_TRUE(ToDynamic(cty::Value::ObjectOf(
                              TypeOf(), {{"name", cty::Value::String(name)}}),
                          TypeOf(), request.mutable_config())
                    .ok());
    pb::OpenEphemeralResource::Response response;
    EXPECT_TRUE(
        service_->OpenEphemeralResource(nullptr, &request, &response).ok());
    return response;
  }

  ProviderOfOne provider_;
  base::StopSource stop_;
  const std::unique_ptr<pb::Provider::Service> service_ =
      NewProviderService(provider_, stop_);
};

TEST_F(EphemeralResourceTest, IsInMetadataAndSchema) {
  pb::GetMetadata::Response metadata;
  service_->GetMetadata(nullptr, {}, &metadata);
  ASSERT_THAT(metadata.ephemeral_resources(), SizeIs(1));
  EXPECT_EQ(metadata.ephemeral_resources(0).type_name(), "test_length");
  pb::GetProviderSchema::Response schemas;
  service_->GetProviderSchema(nullptr, {}, &schemas);
  EXPECT_THAT(schemas.ephemeral_resource_schemas(), SizeIs(1));
  EXPECT_THAT(schemas.data_source_schemas(), IsEmpty());
}

TEST_F(EphemeralResourceTest, OpenAnswersTheWholeResultAndAsksForNoRenewal) {
  const auto opened = Open("abc");
  EXPECT_THAT(opened.diagnostics(), IsEmpty());
  EXPECT_FALSE(opened.has_renew_at());
  const auto result = FromDynamic(opened.result(), TypeOf(), "result");
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->At("name").AsString(), "abc");
  EXPECT_EQ(result->At("length").AsString(), "3");
}

TEST_F(EphemeralResourceTest, AFailedOpenIsAnErrorWithoutAResult) {
  const auto opened = Open("none");
  ASSERT_THAT(opened.diagnostics(), SizeIs(1));
  EXPECT_EQ(opened.diagnostics(0).summary(), "No length");
  EXPECT_FALSE(opened.has_result());
}

TEST_F(EphemeralResourceTest, WhileTheProviderIsUnknownItIsDeferredOrRefused) {
  provider_.unknown = true;
  EXPECT_EQ(Open("abc", true).deferred().reason(),
            pb::Deferred::PROVIDER_CONFIG_UNKNOWN);
  const auto refused = Open("abc");
  ASSERT_THAT(refused.diagnostics(), SizeIs(1));
  EXPECT_THAT(refused.diagnostics(0).summary(),
              HasSubstr("Cannot read test_length yet"));
}

TEST_F(EphemeralResourceTest, ValidatesWhatIsConfigured) {
  pb::ValidateEphemeralResourceConfig::Request request;
  request.set_type_name("test_length");
  ASSERT_TRUE(
      ToDynamic(
          cty::Value::ObjectOf(
              TypeOf(), {{"name", cty::Value::Unknown(cty::Type::String())}}),
          TypeOf(), request.mutable_config())
          .ok());
  pb::ValidateEphemeralResourceConfig::Response response;
  service_->ValidateEphemeralResourceConfig(nullptr, &request, &response);
  ASSERT_THAT(response.diagnostics(), SizeIs(1));
  EXPECT_EQ(response.diagnostics(0).summary(), "Validated");
}

TEST_F(EphemeralResourceTest, RenewingAndClosingHaveNothingToDo) {
  pb::RenewEphemeralResource::Request renew;
  renew.set_type_name("test_length");
  pb::RenewEphemeralResource::Response renewed;
  service_->RenewEphemeralResource(nullptr, &renew, &renewed);
  EXPECT_THAT(renewed.diagnostics(), IsEmpty());
  EXPECT_FALSE(renewed.has_renew_at());
  pb::CloseEphemeralResource::Request close;
  close.set_type_name("test_length");
  pb::CloseEphemeralResource::Response closed;
  service_->CloseEphemeralResource(nullptr, &close, &closed);
  EXPECT_THAT(closed.diagnostics(), IsEmpty());
}

TEST_F(EphemeralResourceTest, OneThatIsNotThereIsRefusedByName) {
  pb::OpenEphemeralResource::Request request;
  request.set_type_name("test_other");
  pb::OpenEphemeralResource::Response response;
  service_->OpenEphemeralResource(nullptr, &request, &response);
  ASSERT_THAT(response.diagnostics(), SizeIs(1));
  EXPECT_THAT(response.diagnostics(0).detail(), HasSubstr("\"test_other\""));
}

}  // namespace
}  // namespace plugin
