"""The chapters of the guide and the glossary, as texts; `guide/` is docs/guide."""
