"""Dataverse: the Web API with ids that we choose, changes by delta links, `$batch`."""
