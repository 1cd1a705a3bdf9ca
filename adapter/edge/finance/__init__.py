"""Finance: OData with explicit companies, `$batch`, data packages."""
