#include "gateway/record/load_model.hpp"

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include "gateway/base/text.hpp"
#include "gateway/record/model_file.hpp"

namespace tributary::record {

namespace {

using FieldFiles = std::vector<spec::Named<FieldFile>>;

Field member(std::string name, Type type, bool required = false) {
    Field field;
    field.name = std::move(name);
    field.type = type;
    field.required = required;
    field.max_length = type == Type::text ? 320 : 0;
    return field;
}

// The members of the types that are objects; type.hpp says what they mean.
std::vector<Field> members_of(Type type) {
    switch (type) {
        case Type::money:
            return {member("minor", Type::integer, true), member("currency", Type::currency, true)};
        case Type::phone:
            return {member("e164", Type::text),      member("raw", Type::text, true),
                    member("type", Type::text),      member("ext", Type::text),
                    member("region", Type::country), member("verified_at", Type::timestamp)};
        case Type::email:
            return {member("address", Type::text, true), member("norm", Type::text, true), member("type", Type::text),
                    member("verified_at", Type::timestamp), member("bounced_at", Type::timestamp)};
        case Type::reference:
            return {member("entity", Type::text, true), member("external_id", Type::text),
                    member("connection", Type::text), member("id", Type::uid)};
        default:
            return {};
    }
}

// Fills path, class and spread from the top down; the children's spread decides their parent's.
void settle(Field& field, const std::string& parent) {
    field.path = parent.empty() ? field.name : parent + "." + field.name;
    const auto own = field.data_class >= DataClass::p2_personal ? Spread::personal : Spread::clear;
    field.spread = own;
    if (field.fields.empty()) return;
    std::vector<Field> members(field.fields.begin(), field.fields.end());
    bool clear = false, personal = false;
    const bool built_in = field.type != Type::object;
    DataClass highest = DataClass::p0_public;
    for (auto& each : members) {
        if (built_in) each.data_class = field.data_class;
        settle(each, field.path);
        clear |= each.spread != Spread::personal;
        personal |= each.spread != Spread::clear;
        highest = std::max(highest, each.data_class);
    }
    field.spread = clear && personal ? Spread::mixed : personal ? Spread::personal : Spread::clear;
    field.data_class = highest;
    field.fields = FieldSet(std::move(members));
}

class Loader {
  public:
    explicit Loader(spec::Problems& problems) : problems_(problems) {}

    void read(const std::string& file) {
        auto loaded = spec::load<EntityFile>(file, problems_);
        if (!loaded) return;
        if (loaded->envelope) {
            envelope_ = std::move(*loaded);
            return;
        }
        const auto name = loaded->entity.empty() ? loaded->type : loaded->entity;
        if (type_named(name)) problems_.add(loaded->place, "\"" + name + "\" is the name of a built-in type");
        if (!files_.emplace(name, *loaded).second) problems_.add(loaded->place, "\"" + name + "\" is described twice");
    }

    void read_custom(const std::string& file) {
        if (auto loaded = spec::load<CustomFile>(file, problems_)) custom_ = std::move(loaded->custom);
        for (const auto& [entity, fields] : custom_) {
            auto known = files_.find(entity);
            if (known == files_.end() || known->second.entity.empty())
                problems_.add({.file = file, .path = "custom." + entity}, "there is no entity \"" + entity + "\"");
        }
    }

    Model build(const std::string& folder) {
        if (!envelope_) problems_.add({.file = folder}, "no file here has envelope: true");
        std::vector<Entity> entities;
        for (const auto& [name, file] : files_)
            if (!file.entity.empty()) entities.push_back(build(file));
        return Model(std::move(entities));
    }

  private:
    Entity build(const EntityFile& file) {
        std::vector<Field> fields = build_all(file.fields, {}, {});
        if (envelope_) std::ranges::move(build_all(envelope_->fields, {}, {}), std::back_inserter(fields));
        Field custom = member("custom", Type::object);
        if (auto own = custom_.find(file.entity); own != custom_.end())
            custom.fields = FieldSet(build_all(own->second, {}, {}));
        fields.push_back(std::move(custom));
        std::set<std::string> names;
        for (auto& field : fields) {
            settle(field, {});
            if (!names.insert(field.name).second)
                problems_.add(file.place, "the field " + field.name + " has the name of an envelope field");
        }
        Entity entity{file.entity, file.about, FieldSet(std::move(fields)), {}, file.subject, file.payment_data};
        for (const auto& path : file.require_any) {
            entity.require_any.push_back(path.value);
            if (!entity.fields.at_path(path.value)) problems_.add(path.place, "there is no such field");
        }
        return entity;
    }

    std::vector<Field> build_all(const FieldFiles& files, std::optional<DataClass> inherited,
                                 const std::vector<std::string>& within) {
        std::vector<Field> fields;
        for (const auto& [name, file] : files) fields.push_back(build(name, file, inherited, within));
        return fields;
    }

    // `within`: the nested types around this field, to find one that contains itself.
    Field build(const std::string& name, const FieldFile& file, std::optional<DataClass> inherited,
                const std::vector<std::string>& within) {
        Field field;
        field.name = name;
        field.list = file.list;
        field.required = file.required;
        field.match_key = file.key;
        field.values = file.values;
        field.default_value = file.default_value;
        field.max_length = static_cast<std::size_t>(file.max);
        field.max_items = static_cast<std::size_t>(file.max_items);
        if (file.range.size() == 2) field.range = {file.range[0], file.range[1]};
        field.target = file.to.value;
        field.set_by_gateway = file.gateway;
        const auto own = file.data_class.empty() ? inherited : data_class_named(file.data_class);
        if (own)
            field.data_class = *own;
        else
            problems_.add(file.place, "the field needs a class: P0, P1, P2 or P3");
        if (!field.target.empty() && !is_entity(field.target))
            problems_.add(file.to.place, "there is no entity \"" + field.target + "\"");
        add_members(field, file, own, within);
        return field;
    }

    void add_members(Field& field, const FieldFile& file, std::optional<DataClass> own,
                     std::vector<std::string> within) {
        if (auto built_in = type_named(file.type.value)) {
            field.type = *built_in;
            field.fields =
                FieldSet(*built_in == Type::object ? build_all(file.fields, own, within) : members_of(*built_in));
            return;
        }
        field.type = Type::object;
        auto nested = files_.find(file.type.value);
        if (nested == files_.end()) {
            auto message = "there is no type \"" + file.type.value + "\"";
            auto names = type_names();
            for (const auto& [name, unused] : files_) names.push_back(name);
            if (auto near = nearest(file.type.value, names)) message += "; did you mean " + *near + "?";
            problems_.add(file.type.place, message);
        } else if (std::ranges::find(within, file.type.value) != within.end()) {
            problems_.add(file.type.place, "the type \"" + file.type.value + "\" contains itself");
        } else {
            within.push_back(file.type.value);
            field.fields = FieldSet(build_all(nested->second.fields, own, within));
        }
    }

    bool is_entity(const std::string& name) const {
        auto found = files_.find(name);
        return found != files_.end() && !found->second.entity.empty();
    }

    spec::Problems& problems_;
    std::map<std::string, EntityFile> files_;
    std::optional<EntityFile> envelope_;
    std::map<std::string, FieldFiles> custom_;
};

}  // namespace

std::optional<Model> load_model(const std::string& folder, const std::string& custom_file, spec::Problems& problems) {
    const auto before = problems.errors();
    std::error_code failed;
    std::vector<std::string> files;
    for (const auto& entry : std::filesystem::directory_iterator(folder, failed))
        if (entry.path().extension() == ".yaml") files.push_back(entry.path().string());
    if (failed) {
        problems.add({.file = folder}, "the folder of the canonical model cannot be read");
        return std::nullopt;
    }
    std::ranges::sort(files);
    Loader loader(problems);
    for (const auto& file : files) loader.read(file);
    if (!custom_file.empty()) loader.read_custom(custom_file);
    Model model = loader.build(folder);
    if (problems.errors() != before) return std::nullopt;
    return model;
}

}  // namespace tributary::record
