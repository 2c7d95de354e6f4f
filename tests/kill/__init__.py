"""SIGKILL at any moment: nothing lost, nothing stored twice, nothing sent twice."""
