#include "connectors/data/sql/session.hpp"

namespace tributary::connectors::sql {

Result<void> Session::open() {
    if (database_) return {};
    if (!settings_.postgres) {
        TRY(database_, open_sqlite(settings_.path, access_));
        return {};
    }
    if (!credential_) return fail(Fault::bad_config, "the credential dsn is missing");
    TRY(const auto dsn, credential_("dsn"));
    TRY(database_, open_postgres(dsn, access_));
    return {};
}

}  // namespace tributary::connectors::sql
