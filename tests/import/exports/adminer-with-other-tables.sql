-- Adminer 4.8.1 MySQL 8.0.36 dump
INSERT INTO `usuario` (`idusuario`, `nome`) VALUES (1, 'modelosemails (1,2)'), (2, 'x');
INSERT INTO `modelosemails` (`idmodeloemail`, `titulo`, `texto`, `situacao`, `identificador`) VALUES
(102,	'Prazo',	'<p>O prazo da atividade ${SERVICO} termina em ${DATAHORALIMITE}.</p>',	'A',	'prazo');
INSERT INTO `modelosemailsantigos` VALUES (9, 'x', 'y', 'A', 'z');
-- 2025-10-14 12:00:00
