// The descriptions of gateway.yaml, one for each part; config.cpp joins them.
#pragma once

#include "gateway/app/config.hpp"
#include "gateway/spec/alternatives.hpp"

namespace tributary::app {

const spec::Type<GatewayConfig>& describe(spec::Tag<GatewayConfig>);
const spec::Type<ListenersConfig>& describe(spec::Tag<ListenersConfig>);
const spec::Type<StoreConfig>& describe(spec::Tag<StoreConfig>);
const spec::Type<MasterConfig>& describe(spec::Tag<MasterConfig>);
const spec::Type<VaultConfig>& describe(spec::Tag<VaultConfig>);
const spec::Type<PathsConfig>& describe(spec::Tag<PathsConfig>);
const spec::Type<LimitsConfig>& describe(spec::Tag<LimitsConfig>);
const spec::Type<RetentionConfig>& describe(spec::Tag<RetentionConfig>);
const spec::Type<AuditConfig>& describe(spec::Tag<AuditConfig>);
const spec::Type<WatchConfig>& describe(spec::Tag<WatchConfig>);
const spec::Type<WitnessConfig>& describe(spec::Tag<WitnessConfig>);
const spec::Type<ReportConfig>& describe(spec::Tag<ReportConfig>);
const spec::Type<BackupConfig>& describe(spec::Tag<BackupConfig>);
const spec::Type<AccessConfig>& describe(spec::Tag<AccessConfig>);
const spec::Type<AnalyticsConfig>& describe(spec::Tag<AnalyticsConfig>);
const spec::Type<ThreadsConfig>& describe(spec::Tag<ThreadsConfig>);
const spec::Type<ConnectionConfig>& describe(spec::Tag<ConnectionConfig>);
const spec::Type<DeliveryConfig>& describe(spec::Tag<DeliveryConfig>);

// A file or folder, relative to the folder of gateway.yaml.
spec::Type<std::filesystem::path> path_type();
spec::Type<std::vector<net::Network>> networks_type();

// Makes every path of the config absolute and finds the folders that the file does not name.
void locate(Config& config, const std::filesystem::path& share, spec::Problems& problems);

}  // namespace tributary::app
