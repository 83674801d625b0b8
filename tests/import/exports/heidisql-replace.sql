-- Copiando dados para a tabela desk.modelosemails: ~2 rows (aproximadamente)
REPLACE INTO `modelosemails` (`titulo`, `idmodeloemail`, `identificador`, `situacao`, `texto`) VALUES
	('Registro', 101, 'registro', 'A', '<p>Prezado(a) ${NOMECONTATO},</p><p>A solicitação ${IDSOLICITACAOSERVICO} foi registrada.</p>'),
	('Aspas', 103, 'aspas', 'A', '<p>Sua resposta: <b>\"sim\"</b> ou <b>d\'accord</b>?</p>');
