//! Enums as attribute values: a known word each, absent for the default, unknown words tolerated.

/// Implements the attribute conversions of `xso` by `word` and `of_word` of the enum.
#[macro_export]
#[doc(hidden)]
macro_rules! attribute_words {
    ($($name:ident),+) => {$(
        impl xso::FromXmlText for $name {
            fn from_xml_text(word: String) -> Result<Self, xso::error::Error> {
                Ok(Self::of_word(&word))
            }
        }

        impl xso::AsOptionalXmlText for $name {
            fn as_optional_xml_text(
                &self,
            ) -> Result<Option<std::borrow::Cow<'_, str>>, xso::error::Error> {
                Ok(self.word().map(std::borrow::Cow::Borrowed))
            }
        }
    )+};
}
