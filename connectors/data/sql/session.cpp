#include "connectors/data/sql/session.hpp"

namespace tributary::connectors::sql {

Result<void> Session::open() {
    if (database_) return {};
    if (settings_.engine == Engine::sqlite) {
        TRY(database_, open_sqlite(settings_.path, access_, settings_.limits));
        return {};
    }
    const char* const name = settings_.engine == Engine::postgres ? "dsn"
                             : settings_.engine == Engine::mysql  ? "password"
                                                                  : "connection_string";
    if (!credential_) return fail(Fault::bad_config, std::string("the credential ") + name + " is missing");
    TRY(const auto secret, credential_(name));
    if (settings_.engine == Engine::postgres) {
        TRY(database_, open_postgres(secret, access_, settings_.limits));
    } else if (settings_.engine == Engine::mysql) {
        TRY(database_, open_mysql(settings_.mysql, secret, access_, settings_.limits));
    } else {
        TRY(database_, open_odbc(secret, access_, settings_.limits));
    }
    return {};
}

}  // namespace tributary::connectors::sql
