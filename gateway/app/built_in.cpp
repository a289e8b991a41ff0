#include "gateway/app/built_in.hpp"

#include "connectors/data/sql/sql.hpp"

namespace tributary::app {

void add_built_in(connector::Registry& registry) {
    registry.add("sql", connectors::make_sql);
}

}  // namespace tributary::app
