#include "gateway/flow/payload.hpp"

#include "gateway/record/classes.hpp"

namespace tributary::flow {

crypto::Place record_place(const Uid& record) {
    return {"source_record", record.view()};
}

crypto::Place item_place(std::string_view destination, const Uid& local, std::string_view op_key) {
    return {"item", destination, local.view(), op_key};
}

crypto::Place raw_place(std::string_view connection, std::string_view stream, std::string_view record_key) {
    return {"raw", connection, stream, record_key};
}

Result<value::Document> open_payload(World& world, const Uid& subject, const crypto::Place& place,
                                     std::string_view clear, std::string_view sealed) {
    std::string personal;
    if (!sealed.empty()) {
        TRY(personal, world.subject_keys.open(subject, place, sealed, world.key_store));
    }
    return record::join(clear, personal);
}

}  // namespace tributary::flow
