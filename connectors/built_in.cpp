#include "connectors/built_in.hpp"

#include "connectors/data/file/file.hpp"
#include "connectors/data/singer/singer.hpp"
#include "connectors/data/sql/sql.hpp"
#include "connectors/email/imap/imap.hpp"
#include "connectors/email/smtp/smtp.hpp"

namespace tributary::connectors {

void add_built_in(connector::Registry& registry) {
    registry.add("file", make_file);
    registry.add("imap", make_imap);
    registry.add("singer", make_singer);
    registry.add("smtp", make_smtp);
    registry.add("sql", make_sql);
}

}  // namespace tributary::connectors
