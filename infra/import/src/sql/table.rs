//! The table of templates and its columns.

use domain::characters::composed;

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

    /// The field in a column (or a header of a CSV file) of that name.
    pub(crate) fn named(column: &str) -> Option<Self> {
        Named::of(column).map(|named| named.field)
    }

    /// The names of its column, CITSmart's own first: of two columns for one field the one with
    /// the earlier name counts.
    fn names(self) -> &'static [&'static str] {
        match self {
            Self::Id => &[
                "idmodeloemail",
                "idmodelosemails",
                "iddomodelo",
                "idmodelo",
                "id",
                "código",
                "codigo",
            ],
            Self::Title => &[
                "titulo",
                "título",
                "title",
                "assunto",
                "subject",
                "subjecttitle",
            ],
            Self::Html => &[
                "texto",
                "html",
                "corpo",
                "conteudo",
                "conteúdo",
                "body",
                "mensagem",
            ],
            Self::Status => &["situacao", "situação", "situación", "status"],
            Self::Identifier => &["identificador", "identifier"],
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

/// What the name of a column says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Named {
    pub(crate) field: Field,
    /// Its place among the names of the field: of two columns the one with the lower counts.
    pub(crate) rank: usize,
}

impl Named {
    /// What a name says, written in whichever case and with whatever marks between its words.
    pub(crate) fn of(column: &str) -> Option<Self> {
        let name: String = composed(column)
            .chars()
            .filter(|c| c.is_alphanumeric())
            .flat_map(char::to_lowercase)
            .collect();
        Field::ALL.into_iter().find_map(|field| {
            let rank = field.names().iter().position(|known| *known == name)?;
            Some(Self { field, rank })
        })
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
    fields: Vec<Option<Named>>,
    /// Assumed from what is known of the table: a row may hold fewer or more than these.
    assumed: bool,
}

impl Columns {
    /// Columns by their names.
    pub(crate) fn named(names: &[String]) -> Self {
        Self {
            fields: names.iter().map(|name| Named::of(name)).collect(),
            assumed: false,
        }
    }

    /// The order in which CITSmart creates them.
    pub(crate) fn legacy() -> Self {
        Self {
            fields: Field::ALL
                .map(|field| Some(Named { field, rank: 0 }))
                .to_vec(),
            assumed: true,
        }
    }

    /// What the column at a position is.
    pub(crate) fn at(&self, position: usize) -> Option<Named> {
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
        assert_eq!(Field::named("ID do modelo"), Some(Field::Id));
        assert_eq!(Field::named("Situac\u{327}a\u{303}o"), Some(Field::Status));
        for field in Field::ALL {
            assert_eq!(Field::named(field.column()), Some(field));
        }
        assert!(
            Columns::legacy().fits(4) && Columns::legacy().fits(7) && !Columns::legacy().fits(3)
        );
        assert!(!Columns::named(&["titulo".into()]).fits(2));
    }
}
