#include "gateway/record/validate.hpp"

#include "gateway/record/check_digits.hpp"
#include "gateway/record/check_value.hpp"
#include "gateway/record/cross_checks.hpp"
#include "gateway/record/issue_text.hpp"
#include "gateway/value/json.hpp"

namespace tributary::record {

namespace {

// The way down to a value, kept on the stack: it becomes a text only when there is an issue.
struct Trail {
    const Trail* up = nullptr;
    std::string_view key;
    std::size_t index = 0;
    bool is_index = false;

    std::string text() const {
        std::string path = up ? up->text() : std::string();
        if (is_index) return path + "[" + std::to_string(index) + "]";
        if (!path.empty()) path += '.';
        return path.append(key);
    }
};

class Validator {
  public:
    Validator(const Entity& entity, std::vector<Issue>& issues, bool partial)
        : entity_(entity), issues_(issues), partial_(partial) {}

    void check_members(const FieldSet& fields, value::Node object, const Trail* up) {
        std::size_t required = 0;
        for (const auto member : object) {
            const Trail trail{.up = up, .key = member.key()};
            const Field* field = fields.find(member.key());
            if (!field) {
                add("unknown_field", trail);
                continue;
            }
            if (!member) continue;
            required += field->must_be_there();
            check(*field, member, trail);
        }
        // An update may leave fields of the record out, not members of the values that it has.
        const bool whole = up || !partial_;
        if (whole && required < fields.required()) find_missing(fields, object, up);
    }

  private:
    // Counting has shown that something is not there: now by name.
    void find_missing(const FieldSet& fields, value::Node object, const Trail* up) {
        for (const auto& field : fields)
            if (field.must_be_there() && !object.find(field.name)) add("required", {.up = up, .key = field.name});
    }

    void check(const Field& field, value::Node node, const Trail& trail) {
        if (!field.list) return check_one(field, node, trail);
        if (!node.is(value::Kind::array)) return add("kind_mismatch", trail);
        if (field.max_items != 0 && node.size() > field.max_items) add("too_many_items", trail);
        std::size_t index = 0;
        for (const auto item : node)
            check_one(field, item, {.up = &trail, .key = {}, .index = index++, .is_index = true});
    }

    void check_one(const Field& field, value::Node node, const Trail& trail) {
        if (field.type == Type::map) return check_map(field, node, trail);
        if (field.has_members() || field.type == Type::object) {
            if (!node.is(value::Kind::object)) return add("kind_mismatch", trail);
            return check_members(field.fields, node, &trail);
        }
        if (const auto code = check_value(field, node); !code.empty()) return add(code, trail);
        if (entity_.payment_data && field.type == Type::text && field.match_key.empty()) search(node, trail);
    }

    void check_map(const Field& field, value::Node node, const Trail& trail) {
        if (!node.is(value::Kind::object)) return add("kind_mismatch", trail);
        if (field.max_length != 0 && value::to_json(node).size() > field.max_length) add("map_too_long", trail);
        if (entity_.payment_data) search_all(node, trail);
    }

    void search_all(value::Node node, const Trail& trail) {
        if (node.is(value::Kind::text)) return search(node, trail);
        if (!node.is(value::Kind::object) && !node.is(value::Kind::array)) return;
        for (const auto child : node) search_all(child, trail);
    }

    void search(value::Node node, const Trail& trail) {
        if (contains_card_number(node.text()) || contains_iban(node.text())) add("pan_detected", trail);
    }

    void add(std::string_view code, const Trail& trail) { issues_.push_back(make_issue(code, trail.text())); }

    const Entity& entity_;
    std::vector<Issue>& issues_;
    bool partial_;
};

}  // namespace

bool validate(const Entity& entity, value::Node record, std::vector<Issue>& issues, bool partial) {
    const auto before = issues.size();
    if (!record.is(value::Kind::object)) {
        issues.push_back(make_issue("kind_mismatch"));
        return false;
    }
    Validator(entity, issues, partial).check_members(entity.fields, record, nullptr);
    const auto shape = issues.size();
    check_across(entity, record, issues);
    if (partial)  // an update need not say who it is about
        std::erase_if(issues, [](const Issue& issue) { return issue.code == "required_any"; });
    return issues.size() == before && shape == before;
}

}  // namespace tributary::record
