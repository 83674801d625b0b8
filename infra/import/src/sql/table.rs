//! The table of templates and its columns.

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Field {
    Id,
    Title,
    Html,
    /// Active or not, in whichever word the installation uses.
    Status,
    /// Short name of the template.
    Identifier,
}

impl Field {
    pub(crate) const ALL: [Self; 5] = [
        Self::Id,
        Self::Title,
        Self::Html,
        Self::Status,
        Self::Identifier,
    ];

    /// The field in a column (or a header of a CSV file) of that name: CITSmart's own names first.
    pub(crate) fn named(column: &str) -> Option<Self> {
        let name: String = column
            .chars()
            .filter(|c| c.is_alphanumeric())
            .flat_map(char::to_lowercase)
            .collect();
        match name.as_str() {
            "idmodeloemail" | "idmodelosemails" | "idmodelo" | "id" | "código" | "codigo" => {
                Some(Self::Id)
            }
            "titulo" | "título" | "title" | "assunto" | "subject" | "subjecttitle" => {
                Some(Self::Title)
            }
            "texto" | "html" | "corpo" | "conteudo" | "conteúdo" | "body" | "mensagem" => {
                Some(Self::Html)
            }
            "situacao" | "situação" | "status" => Some(Self::Status),
            "identificador" | "identifier" => Some(Self::Identifier),
            _ => None,
        }
    }

    /// CITSmart's name of the column.
    pub(crate) fn column(self) -> &'static str {
        match self {
            Self::Id => "idmodeloemail",
            Self::Title => "titulo",
            Self::Html => "texto",
            Self::Status => "situacao",
            Self::Identifier => "identificador",
        }
    }
}

/// Whether a table, without its schema, is the one that holds the templates.
pub(crate) fn is_templates(table: &str) -> bool {
    let name = table.replace('_', "").to_lowercase();
    matches!(
        name.as_str(),
        "modelosemails" | "modeloemail" | "modelosemail" | "modeloemails"
    )
}

/// The fields of a row, in its order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Columns {
    fields: Vec<Option<Field>>,
    /// Assumed from what is known of the table: a row may hold fewer or more than these.
    assumed: bool,
}

impl Columns {
    /// Columns by their names.
    pub(crate) fn named(names: &[String]) -> Self {
        Self {
            fields: names.iter().map(|name| Field::named(name)).collect(),
            assumed: false,
        }
    }

    /// The order in which CITSmart creates them.
    pub(crate) fn legacy() -> Self {
        Self {
            fields: Field::ALL.map(Some).to_vec(),
            assumed: true,
        }
    }

    /// The field at a position.
    pub(crate) fn at(&self, position: usize) -> Option<Field> {
        self.fields.get(position).copied().flatten()
    }

    /// Whether a row of so many values fits. The oldest versions had no `identificador`, and later
    /// ones may have added columns at the end.
    pub(crate) fn fits(&self, values: usize) -> bool {
        if self.assumed {
            values + 1 >= self.fields.len()
        } else {
            values == self.fields.len()
        }
    }

    /// How many columns there are.
    pub(crate) fn len(&self) -> usize {
        self.fields.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables() {
        assert!(is_templates("ModelosEmails") && is_templates("modelo_email"));
        assert!(!is_templates("modelosemails_bkp") && !is_templates("bpm_modeloemail"));
    }

    #[test]
    fn columns() {
        assert_eq!(Field::named("IDMODELOEMAIL"), Some(Field::Id));
        assert_eq!(Field::named("subject_title"), Some(Field::Title));
        assert_eq!(Field::named("datainicio"), None);
        for field in Field::ALL {
            assert_eq!(Field::named(field.column()), Some(field));
        }
        assert!(
            Columns::legacy().fits(4) && Columns::legacy().fits(7) && !Columns::legacy().fits(3)
        );
        assert!(!Columns::named(&["titulo".into()]).fits(2));
    }
}
